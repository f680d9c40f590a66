-- A subject as one snapshot: one row a thing, told apart by `part`: h = where the stream stands (with
-- the wrapped data keys), f = the version that all states are folded to, w = the watermark of an
-- installation, s = a state, e = an event behind the states.
-- $1: partition. $2: subject_id. $3: projection. $4: generation. $5: keys wanted, null = all.
-- $6: version that the caller has folded itself, -1 = none. $7: installation_id, or ''.
-- A caller who is nearly as far as the states gets the tail behind its own version instead of them.
WITH stored AS MATERIALIZED (
    SELECT coalesce((
        SELECT version FROM folded
        WHERE partition = $1 AND projection = $3 AND generation = $4 AND subject_id = $2
    ), 0) AS version
), start AS MATERIALIZED (
    SELECT
        CASE WHEN $6::bigint >= 0 AND $6::bigint >= version - 100 THEN $6::bigint ELSE version END
            AS version,
        NOT ($6::bigint >= 0 AND $6::bigint >= version - 100) AS give_states
    FROM stored
)
SELECT
    'h' AS part, NULL::text AS name, version AS first, floor_ms AS second, floor_counter::bigint AS third,
    NULL::uuid AS event_id, NULL::bigint AS recorded_at_ms, wrapped_keys AS keys, NULL::bytea AS state
FROM subjects
WHERE partition = $1 AND subject_id = $2
UNION ALL
SELECT 'f', NULL, version, NULL, NULL, NULL, NULL, NULL, NULL
FROM start
UNION ALL
SELECT 'w', NULL, processed_seq, NULL, NULL, NULL, NULL, NULL, NULL
FROM installations
WHERE partition = $1 AND subject_id = $2 AND installation_id = $7
UNION ALL
SELECT 's', key, states.version, key_version, NULL, NULL, NULL, NULL, state
FROM start
JOIN states ON start.give_states
WHERE partition = $1 AND projection = $3 AND generation = $4 AND subject_id = $2
    AND ($5::text[] IS NULL OR key = ANY ($5::text[]))
UNION ALL
(
    SELECT 'e', topic, originator_version, position, key_version, event_id, recorded_at_ms, NULL, state
    FROM start
    JOIN events ON originator_version > start.version
    WHERE partition = $1 AND originator_id = $2
    ORDER BY originator_version
)
