-- Drops the copy.
DELETE FROM journeys;
