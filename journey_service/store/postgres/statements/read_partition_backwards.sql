-- Events of one partition, newest first. $1: partition. $2: after position. $3: up to position.
-- $4: limit.
SELECT
    partition, position, originator_id, originator_version, uuid_send(event_id) AS event_id,
    topic, recorded_at_ms, key_version, state
FROM events
WHERE partition = $1 AND position > $2 AND position <= $3
ORDER BY position DESC
LIMIT $4
