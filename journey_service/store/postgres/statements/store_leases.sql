-- Careful path: leases as they stand from now on. $1 to $8: partition, subject_id, kind, journey_id,
-- epoch, until_ms, granted_ms, state.
INSERT INTO leases (partition, subject_id, kind, journey_id, epoch, until_ms, granted_ms, state)
SELECT lease.*
FROM unnest(
    $1::int[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bigint[], $7::bigint[], $8::bytea[]
) AS lease
ON CONFLICT (partition, subject_id, kind, journey_id) DO UPDATE
SET epoch = excluded.epoch, until_ms = excluded.until_ms, granted_ms = excluded.granted_ms,
    state = excluded.state
