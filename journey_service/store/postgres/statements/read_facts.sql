-- What the journal knows of a group of requests, in one snapshot; one row a fact, told apart by
-- `fact`: h = head of a partition, s = a subject, w = a watermark, e = an event that is recorded
-- already, m = a machine, l = a lease.
-- $1: partitions. $2, $3: subjects (partition, subject_id). $4 to $6: watermarks (partition,
-- subject_id, installation_id). $7 to $9: events (partition, subject_id, event_id).
-- $10 to $13: machines (partition, home, kind, journey_id). $14 to $17: leases (partition, subject_id,
-- kind, journey_id).
SELECT
    'h' AS fact, partition, NULL::text AS subject_id, NULL::text AS name, NULL::text AS second_name,
    head AS first, NULL::bigint AS second, NULL::bigint AS third, NULL::uuid AS event_id,
    NULL::bytea[] AS keys, NULL::bytea AS state
FROM partitions
WHERE partition = ANY ($1::int[])
UNION ALL
SELECT
    's', subjects.partition, subjects.subject_id, NULL, NULL,
    version, floor_ms, floor_counter, NULL, wrapped_keys, NULL
FROM unnest($2::int[], $3::text[]) AS asked (partition, subject_id)
JOIN subjects ON subjects.partition = asked.partition AND subjects.subject_id = asked.subject_id
UNION ALL
SELECT
    'w', installations.partition, installations.subject_id, installations.installation_id, NULL,
    processed_seq, previous_ms, previous_counter, NULL, NULL, NULL
FROM unnest($4::int[], $5::text[], $6::text[]) AS asked (partition, subject_id, installation_id)
JOIN installations ON installations.partition = asked.partition
    AND installations.subject_id = asked.subject_id
    AND installations.installation_id = asked.installation_id
UNION ALL
SELECT
    'e', events.partition, events.originator_id, topic, NULL,
    originator_version, position, key_version, events.event_id, NULL, state
FROM unnest($7::int[], $8::text[], $9::uuid[]) AS asked (partition, subject_id, event_id)
JOIN events ON events.partition = asked.partition
    AND events.originator_id = asked.subject_id
    AND events.event_id = asked.event_id
UNION ALL
SELECT
    'm', machines.partition, machines.home, machines.kind, machines.journey_id,
    rev, NULL, NULL, NULL, NULL, NULL
FROM unnest($10::int[], $11::text[], $12::text[], $13::text[])
    AS asked (partition, home, kind, journey_id)
JOIN machines ON machines.partition = asked.partition AND machines.home = asked.home
    AND machines.kind = asked.kind AND machines.journey_id = asked.journey_id
UNION ALL
SELECT
    'l', leases.partition, leases.subject_id, leases.kind, leases.journey_id,
    epoch, until_ms, granted_ms, NULL, NULL, state
FROM unnest($14::int[], $15::text[], $16::text[], $17::text[])
    AS asked (partition, subject_id, kind, journey_id)
JOIN leases ON leases.partition = asked.partition AND leases.subject_id = asked.subject_id
    AND leases.kind = asked.kind AND leases.journey_id = asked.journey_id
