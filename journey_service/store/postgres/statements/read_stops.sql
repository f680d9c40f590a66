-- Where a projection stopped, by partition. $1: projection. $2: generation.
SELECT partition, position, event_id, type, subject_id, error, stopped_at_ms
FROM stopped_folds
WHERE projection = $1 AND generation = $2
ORDER BY partition
