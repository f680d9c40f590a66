-- What comparing a partition has found, if the lease still is of this epoch. $1: partition.
-- $2: projection. $3: generation. $4: epoch. $5: result.
INSERT INTO comparisons (partition, projection, generation, result)
SELECT partition, projection, generation, $5
FROM checkpoints
WHERE partition = $1 AND projection = $2 AND generation = $3 AND epoch = $4 AND owner <> ''
ON CONFLICT (partition, projection, generation) DO UPDATE SET result = excluded.result
RETURNING 1
