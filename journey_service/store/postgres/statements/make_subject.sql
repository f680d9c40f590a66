-- Give a subject its data key before its first event, to seal a session with; if it has one by then,
-- nothing happens. $1: partition. $2: subject_id. $3: wrapped key.
INSERT INTO subjects
    (partition, subject_id, version, floor_ms, floor_counter, wrapped_keys, created_at_ms)
SELECT $1, $2, 0, 0, 0, ARRAY[$3::bytea],
    floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
ON CONFLICT (partition, subject_id) DO NOTHING
