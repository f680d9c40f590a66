-- One rebuild. $1: projection. $2: generation.
SELECT * FROM rebuilds WHERE projection = $1 AND generation = $2
