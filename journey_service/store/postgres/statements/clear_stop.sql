-- A fold went on behind where it had stopped. $1: partition. $2: projection. $3: generation.
-- $4: position that it has reached.
DELETE FROM stopped_folds
WHERE partition = $1 AND projection = $2 AND generation = $3 AND position <= $4
