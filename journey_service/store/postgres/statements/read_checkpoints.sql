-- How far every partition is folded. $1: projection. $2: generation.
SELECT partition, position FROM checkpoints WHERE projection = $1 AND generation = $2
