-- Events of one partition with all their columns, by position. $1: partition. $2: after position.
-- $3: limit.
SELECT
    partition, position, originator_id, originator_version, uuid_send(event_id) AS event_id,
    topic, recorded_at_ms, key_version, state, occurred_ms, occurred_counter, installation_id, seq
FROM events
WHERE partition = $1 AND position > $2
ORDER BY position
LIMIT $3
