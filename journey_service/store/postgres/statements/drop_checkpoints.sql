-- A step of dropping: nobody can write to these partitions any more, and what comparing them found is
-- forgotten. $1: partitions. $2: projection. $3: generation.
WITH forgotten AS (
    DELETE FROM comparisons
    WHERE partition = ANY ($1::int[]) AND projection = $2 AND generation = $3
), unstopped AS (
    DELETE FROM stopped_folds
    WHERE partition = ANY ($1::int[]) AND projection = $2 AND generation = $3
)
DELETE FROM checkpoints WHERE partition = ANY ($1::int[]) AND projection = $2 AND generation = $3
