-- How far every partition of the live generation is folded. $1: projection. $2: fold version.
SELECT partition, position
FROM live_generations AS live
JOIN checkpoints USING (projection, generation)
WHERE live.projection = $1 AND live.fold_version = $2
