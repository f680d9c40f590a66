-- Careful path, last step: what follows from the events that were copied. The heads are locked, so
-- nothing here can be outdated; a subject that somebody else has made meanwhile, to hold a session,
-- violates its key, and the group is tried again.
-- $1, $2: heads to put right (partition, head). $3 to $8: new subjects (partition, subject_id,
-- version, floor_ms, floor_counter, wrapped key). $9 to $13: known subjects (partition, subject_id,
-- version, floor_ms, floor_counter). $14 to $19: watermarks (partition, subject_id,
-- installation_id, seq, previous_ms, previous_counter). $20 to $24: machines (partition, home, kind,
-- journey_id, rev).
WITH heads AS (
    UPDATE partitions SET head = accepted.head
    FROM unnest($1::int[], $2::bigint[]) AS accepted (partition, head)
    WHERE partitions.partition = accepted.partition
), made AS (
    INSERT INTO subjects
        (partition, subject_id, version, floor_ms, floor_counter, wrapped_keys, created_at_ms)
    SELECT partition, subject_id, version, floor_ms, floor_counter, ARRAY[wrapped_key],
        floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
    FROM unnest($3::int[], $4::text[], $5::bigint[], $6::bigint[], $7::int[], $8::bytea[])
        AS new (partition, subject_id, version, floor_ms, floor_counter, wrapped_key)
), moved AS (
    UPDATE subjects
    SET version = known.version, floor_ms = known.floor_ms, floor_counter = known.floor_counter
    FROM unnest($9::int[], $10::text[], $11::bigint[], $12::bigint[], $13::int[])
        AS known (partition, subject_id, version, floor_ms, floor_counter)
    WHERE subjects.partition = known.partition AND subjects.subject_id = known.subject_id
), machines_moved AS (
    INSERT INTO machines (partition, home, kind, journey_id, rev)
    SELECT * FROM unnest($20::int[], $21::text[], $22::text[], $23::text[], $24::bigint[])
    ON CONFLICT (partition, home, kind, journey_id) DO UPDATE SET rev = excluded.rev
)
INSERT INTO installations
    (partition, subject_id, installation_id, processed_seq, previous_ms, previous_counter)
SELECT mark.*
FROM unnest($14::int[], $15::text[], $16::text[], $17::bigint[], $18::bigint[], $19::int[]) AS mark
ON CONFLICT (partition, subject_id, installation_id) DO UPDATE
SET processed_seq = excluded.processed_seq,
    previous_ms = excluded.previous_ms,
    previous_counter = excluded.previous_counter
