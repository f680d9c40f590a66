-- Subjects as one snapshot: one row a thing, told apart by `part`: h = where the stream stands (with
-- the wrapped data keys), f = the version that all states are folded to and the generation they are of
-- (with what is stored of the subject as a member of a customer, as JSON in `name`), w = the watermark
-- of an installation, l = a lease that has not ended, s = a state, e = an event behind the states, in
-- their order. `place` = of whom.
-- $1: partitions. $2: subject_ids. $3: versions that the callers have folded themselves, -1 = none.
-- $4: installation_ids, or ''. $5: projection. $6: version of its fold, whose live generation answers.
-- A caller who is nearly as far as the states gets the tail behind its own version instead of them.
-- ORDER BY and LIMIT keep each table inside the loop over who asked, whatever the planner believes.
WITH live AS MATERIALIZED (
    SELECT generation FROM live_generations WHERE projection = $5 AND fold_version = $6
), start AS MATERIALIZED (
    SELECT
        asked.place,
        asked.partition,
        asked.subject_id,
        asked.installation_id,
        live.generation,
        CASE
            WHEN asked.cached >= 0 AND asked.cached >= coalesce(stored.version, 0) - 100
                THEN asked.cached
            ELSE coalesce(stored.version, 0)
        END AS version,
        NOT (asked.cached >= 0 AND asked.cached >= coalesce(stored.version, 0) - 100) AS give_states
    FROM unnest($1::int[], $2::text[], $3::bigint[], $4::text[])
        WITH ORDINALITY AS asked (partition, subject_id, cached, installation_id, place)
    CROSS JOIN live
    LEFT JOIN LATERAL (
        SELECT version FROM folded
        WHERE folded.partition = asked.partition AND projection = $5
            AND folded.generation = live.generation
            AND folded.subject_id = asked.subject_id
        LIMIT 1
    ) AS stored ON true
)
SELECT
    place, 'h' AS part, NULL::text AS name, head.version AS first, floor_ms AS second,
    floor_counter::bigint AS third, NULL::uuid AS event_id, NULL::bigint AS recorded_at_ms,
    wrapped_keys AS keys, NULL::bytea AS state
FROM start
CROSS JOIN LATERAL (
    SELECT subjects.version, floor_ms, floor_counter, wrapped_keys FROM subjects
    WHERE subjects.partition = start.partition AND subjects.subject_id = start.subject_id
    LIMIT 1
) AS head
UNION ALL
SELECT place, 'f', customer.member, version, generation, NULL, NULL, NULL, NULL, NULL
FROM start
LEFT JOIN LATERAL (
    SELECT json_build_object(
        'subject_ids', subject_ids, 'membership', membership,
        'registered', registered, 'created_at_ms', created_at_ms
    )::text AS member
    FROM members
    WHERE members.partition = start.partition AND members.subject_id = start.subject_id
    LIMIT 1
) AS customer ON true
UNION ALL
SELECT place, 'w', NULL, processed_seq, NULL, NULL, NULL, NULL, NULL, NULL
FROM start
CROSS JOIN LATERAL (
    SELECT processed_seq FROM installations
    WHERE installations.partition = start.partition
        AND installations.subject_id = start.subject_id
        AND installations.installation_id = start.installation_id
    LIMIT 1
) AS mark
UNION ALL
SELECT
    place, 'l', kind || '/' || journey_id, epoch, until_ms, granted_ms, NULL, NULL, NULL,
    running.state
FROM start
CROSS JOIN LATERAL (
    SELECT kind, journey_id, epoch, until_ms, granted_ms, leases.state
    FROM leases
    WHERE leases.partition = start.partition AND leases.subject_id = start.subject_id
        AND leases.until_ms > floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
    ORDER BY kind, journey_id
) AS running
UNION ALL
SELECT place, 's', key, stored.version, key_version, NULL, NULL, NULL, NULL, state
FROM start
CROSS JOIN LATERAL (
    SELECT key, states.version, key_version, state FROM states
    WHERE start.give_states AND states.partition = start.partition AND projection = $5
        AND states.generation = start.generation AND states.subject_id = start.subject_id
    ORDER BY key
) AS stored
UNION ALL
SELECT
    place, 'e', topic, originator_version, position, key_version, event_id, recorded_at_ms, NULL,
    state
FROM start
CROSS JOIN LATERAL (
    SELECT topic, originator_version, position, key_version, event_id, recorded_at_ms, state
    FROM events
    WHERE events.partition = start.partition AND originator_id = start.subject_id
        AND originator_version > start.version
    ORDER BY originator_version
) AS behind
