-- Counts the tables, to tell a new file from an old one.
SELECT count(*) FROM sqlite_schema WHERE type = 'table';
