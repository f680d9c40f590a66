-- Forgets all that is noted.
DELETE FROM facts;
