-- Fast path: a whole group in one statement. Compares and sets every head, in partition order; if
-- one does not stand where it is remembered, or a subject or watermark is not as remembered, a
-- division by zero (22012) ends the statement and nothing is written.
-- $1 to $3: heads (partition, old, new). $4 to $15: events (partition, position, subject_id, version,
-- event_id, topic, occurred_ms, occurred_counter, installation_id, seq, key_version, state).
-- $16 to $21: new subjects (partition, subject_id, version, floor_ms, floor_counter, wrapped key).
-- $22 to $26: known subjects (partition, subject_id, version, floor_ms, floor_counter).
-- $27 to $32: new watermarks (partition, subject_id, installation_id, seq, previous_ms,
-- previous_counter). $33 to $39: known watermarks (the same and the seq before).
-- $40 to $47: leases (partition, subject_id, kind, journey_id, epoch, until_ms, granted_ms, state).
-- Returns the time that the group is recorded at.
WITH locked AS MATERIALIZED (
    SELECT partition, head FROM partitions
    WHERE partition = ANY ($1::int[]) ORDER BY partition FOR UPDATE
), guard AS MATERIALIZED (
    SELECT
        1 / (count(*) = cardinality($1::int[]))::int AS held,
        floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms
    FROM unnest($1::int[], $2::bigint[]) AS remembered (partition, head)
    JOIN locked ON locked.partition = remembered.partition AND locked.head = remembered.head
), heads AS (
    UPDATE partitions SET head = moving.head
    FROM guard, unnest($1::int[], $3::bigint[]) AS moving (partition, head)
    WHERE guard.held = 1 AND partitions.partition = moving.partition
), recorded AS (
    INSERT INTO events (
        partition, position, originator_id, originator_version, event_id, topic, occurred_ms,
        occurred_counter, installation_id, seq, key_version, state, recorded_at_ms
    )
    SELECT event.*, guard.now_ms
    FROM guard, unnest(
        $4::int[], $5::bigint[], $6::text[], $7::bigint[], $8::uuid[], $9::text[], $10::bigint[],
        $11::int[], $12::text[], $13::bigint[], $14::int[], $15::bytea[]
    ) AS event
    WHERE guard.held = 1
), made AS (
    INSERT INTO subjects
        (partition, subject_id, version, floor_ms, floor_counter, wrapped_keys, created_at_ms)
    SELECT partition, subject_id, version, floor_ms, floor_counter, ARRAY[wrapped_key], guard.now_ms
    FROM guard, unnest($16::int[], $17::text[], $18::bigint[], $19::bigint[], $20::int[], $21::bytea[])
        AS new (partition, subject_id, version, floor_ms, floor_counter, wrapped_key)
    WHERE guard.held = 1
), moved AS (
    UPDATE subjects
    SET version = known.version, floor_ms = known.floor_ms, floor_counter = known.floor_counter
    FROM guard, unnest($22::int[], $23::text[], $24::bigint[], $25::bigint[], $26::int[])
        AS known (partition, subject_id, version, floor_ms, floor_counter)
    WHERE guard.held = 1 AND subjects.erased_at_ms IS NULL
        AND subjects.partition = known.partition AND subjects.subject_id = known.subject_id
    RETURNING 1
), marked AS (
    INSERT INTO installations
        (partition, subject_id, installation_id, processed_seq, previous_ms, previous_counter)
    SELECT mark.*
    FROM guard, unnest(
        $27::int[], $28::text[], $29::text[], $30::bigint[], $31::bigint[], $32::int[]
    ) AS mark
    WHERE guard.held = 1
), remarked AS (
    UPDATE installations
    SET processed_seq = mark.seq,
        previous_ms = mark.previous_ms,
        previous_counter = mark.previous_counter
    FROM guard, unnest(
        $33::int[], $34::text[], $35::text[], $36::bigint[], $37::bigint[], $38::int[], $39::bigint[]
    ) AS mark (
        partition, subject_id, installation_id, seq, previous_ms, previous_counter, before
    )
    WHERE guard.held = 1
        AND installations.partition = mark.partition
        AND installations.subject_id = mark.subject_id
        AND installations.installation_id = mark.installation_id
        AND installations.processed_seq = mark.before
    RETURNING 1
), leased AS (
    INSERT INTO leases
        (partition, subject_id, kind, journey_id, epoch, until_ms, granted_ms, state)
    SELECT lease.*
    FROM guard, unnest(
        $40::int[], $41::text[], $42::text[], $43::text[], $44::int[], $45::bigint[],
        $46::bigint[], $47::bytea[]
    ) AS lease
    WHERE guard.held = 1
    ON CONFLICT (partition, subject_id, kind, journey_id) DO UPDATE
    SET epoch = excluded.epoch, until_ms = excluded.until_ms, granted_ms = excluded.granted_ms,
        state = excluded.state
)
SELECT now_ms
FROM guard
WHERE guard.held = 1
    AND 1 = 1 / ((SELECT count(*) FROM moved) = cardinality($22::int[]))::int
    AND 1 = 1 / ((SELECT count(*) FROM remarked) = cardinality($33::int[]))::int
