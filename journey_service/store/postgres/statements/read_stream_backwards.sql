-- Events of one stream, newest first. $1: partition. $2: subject_id. $3: after version.
-- $4: up to version. $5: limit.
SELECT
    partition, position, originator_id, originator_version, uuid_send(event_id) AS event_id,
    topic, recorded_at_ms, key_version, state
FROM events
WHERE partition = $1 AND originator_id = $2
    AND originator_version > $3 AND originator_version <= $4
ORDER BY originator_version DESC
LIMIT $5
