-- Generations of a projection, oldest first. $1: projection, '' = all.
SELECT projections.*, named.generation IS NOT NULL AS named
FROM projections
LEFT JOIN live_generations AS named USING (projection, generation)
WHERE $1 = '' OR projection = $1
ORDER BY projection, generation
