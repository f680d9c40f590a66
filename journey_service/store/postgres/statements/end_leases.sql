-- End leases before their time: of devices that gave way. $1 to $4: partition, subject_id, kind,
-- journey_id.
UPDATE leases SET until_ms = 0
FROM unnest($1::int[], $2::text[], $3::text[], $4::text[])
    AS ended (partition, subject_id, kind, journey_id)
WHERE leases.partition = ended.partition AND leases.subject_id = ended.subject_id
    AND leases.kind = ended.kind AND leases.journey_id = ended.journey_id
