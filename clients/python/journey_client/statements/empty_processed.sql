-- Forgets what was processed.
DELETE FROM processed;
