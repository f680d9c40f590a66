-- Reads what is noted by name.
SELECT name, value FROM facts;
