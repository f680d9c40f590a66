-- Drops refusals that were not told.
DELETE FROM refusals;
