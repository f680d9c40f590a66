-- A fold stopped at an event. $1: partition. $2: projection. $3: generation. $4: position.
-- $5: event id, or ''. $6: type, or ''. $7: subject id, or ''. $8: error. Keeps the time at which it
-- first stopped there.
INSERT INTO stopped_folds AS known
    (partition, projection, generation, position, event_id, type, subject_id, error, stopped_at_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)
ON CONFLICT (partition, projection, generation) DO UPDATE
SET position = excluded.position, event_id = excluded.event_id, type = excluded.type,
    subject_id = excluded.subject_id, error = excluded.error,
    stopped_at_ms = CASE
        WHEN known.position = excluded.position THEN known.stopped_at_ms
        ELSE excluded.stopped_at_ms
    END
