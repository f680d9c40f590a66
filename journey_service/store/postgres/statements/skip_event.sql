-- Leave out the event at which a projection stopped, unless it is told so already; no row where it
-- did not stop there. $1: partition. $2: projection. $3: fold version. $4: generation. $5: position.
-- $6: reason. $7: actor.
WITH stopped AS (
    DELETE FROM stopped_folds
    WHERE partition = $1 AND projection = $2 AND generation = $4 AND position = $5
    RETURNING partition
), told AS (
    INSERT INTO skipped_events
        (partition, projection, fold_version, position, reason, actor, skipped_at_ms)
    SELECT partition, $2, $3, $5, $6, $7, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
    FROM stopped
    ON CONFLICT (partition, projection, fold_version, position) DO NOTHING
    RETURNING partition, position, reason, actor, skipped_at_ms
)
SELECT partition, position, reason, actor, skipped_at_ms FROM told
UNION ALL
SELECT partition, position, reason, actor, skipped_at_ms FROM skipped_events
WHERE partition = $1 AND projection = $2 AND fold_version = $3 AND position = $5
