-- The end of dropping: nothing is stored of it. $1: projection. $2: generation.
UPDATE projections SET status = 'dropped' WHERE projection = $1 AND generation = $2
