-- Leases that count for groups, as they stand from now on. $1 to $8: partition of the group's name,
-- limit_group, kind, subject_id, journey_id, installation_id, granted_ms, until_ms.
INSERT INTO group_leases (
    partition, limit_group, kind, subject_id, journey_id, installation_id, granted_ms, until_ms
)
SELECT held.*
FROM unnest(
    $1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[]
) AS held
ON CONFLICT (partition, limit_group, kind, subject_id, journey_id) DO UPDATE
SET installation_id = excluded.installation_id, granted_ms = excluded.granted_ms,
    until_ms = excluded.until_ms
