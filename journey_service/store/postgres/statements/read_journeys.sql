-- Journeys as they stand, to be asked under the lock of their partition: the stored states asked for,
-- and the events behind them; one row a fact, told apart by `fact`: s = a state, e = an event. One
-- snapshot, so that states and events always add up; nobody writes events meanwhile.
-- $1, $2: subjects (partition, subject_id). $3 to $5: states asked for (partition, subject_id, key);
-- a key that ends with / means all keys that begin so. $6: projection. $7: version of its fold.
-- $8: topics that the states react to.
WITH live AS MATERIALIZED (
    SELECT generation FROM live_generations WHERE projection = $6 AND fold_version = $7
), start AS MATERIALIZED (
    SELECT asked.partition, asked.subject_id, live.generation, coalesce(folded.version, 0) AS version
    FROM unnest($1::int[], $2::text[]) AS asked (partition, subject_id)
    LEFT JOIN live ON true
    LEFT JOIN folded ON folded.partition = asked.partition AND folded.projection = $6
        AND folded.generation = live.generation AND folded.subject_id = asked.subject_id
)
SELECT
    's' AS fact, states.partition, states.subject_id, states.key AS name, states.version AS first,
    states.generation::bigint AS second, states.key_version AS third, NULL::uuid AS event_id, state
FROM unnest($3::int[], $4::text[], $5::text[]) AS asked (partition, subject_id, key)
JOIN start ON start.partition = asked.partition AND start.subject_id = asked.subject_id
JOIN states ON states.partition = start.partition AND states.projection = $6
    AND states.generation = start.generation AND states.subject_id = start.subject_id
    AND (states.key = asked.key OR (right(asked.key, 1) = '/' AND starts_with(states.key, asked.key)))
UNION ALL
SELECT
    'e', events.partition, originator_id, topic, originator_version, position, key_version,
    events.event_id, state
FROM start
JOIN events ON events.partition = start.partition AND originator_id = start.subject_id
    AND originator_version > start.version
WHERE topic = ANY ($8::text[])
