-- Events of one stream as they happened. $1: partition. $2: subject_id. $3: up to version.
-- $4 to $7: behind this occurrence (t_ms, counter, installation_id, seq). $8: limit.
SELECT
    partition, position, originator_id, originator_version, uuid_send(event_id) AS event_id,
    topic, recorded_at_ms, key_version, state
FROM events
WHERE partition = $1 AND originator_id = $2 AND originator_version <= $3
    AND occurred_ms >= $4
    AND (occurred_ms, occurred_counter, installation_id, seq)
        > ($4::bigint, $5::int, $6::text COLLATE "C", $7::bigint)
ORDER BY occurred_ms, occurred_counter, installation_id, seq
LIMIT $8
