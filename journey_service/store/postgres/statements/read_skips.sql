-- What a version of a fold was told to leave out. $1: partitions. $2: projection. $3: fold version.
SELECT partition, position, reason, actor, skipped_at_ms
FROM skipped_events
WHERE partition = ANY($1) AND projection = $2 AND fold_version = $3
ORDER BY partition, position
