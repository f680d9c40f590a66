-- Forget where a projection stopped, so that it tries again. $1: partitions. $2: projection.
-- $3: generation.
DELETE FROM stopped_folds
WHERE partition = ANY($1) AND projection = $2 AND generation = $3
RETURNING partition, position, event_id, type, subject_id, error, stopped_at_ms
