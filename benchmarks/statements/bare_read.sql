-- What a rebuild reads of every event, in the order of the log.
SELECT
    partition, position, originator_id, originator_version, event_id, topic, recorded_at_ms,
    key_version, state
FROM events
ORDER BY partition, position
