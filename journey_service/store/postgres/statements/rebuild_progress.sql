-- How far the partitions of a rebuild are folded, and what comparing them found, null = not compared.
-- $1: projection. $2: generation.
SELECT partition, checkpoints.position, comparisons.result
FROM checkpoints
LEFT JOIN comparisons USING (partition, projection, generation)
WHERE projection = $1 AND generation = $2
