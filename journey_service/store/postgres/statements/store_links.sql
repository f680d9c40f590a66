-- Write ends of new links. $1 to $7: partition, subject_id, link_id, other_subject_id, evidence,
-- assurance, made_at_ms.
INSERT INTO links
    (partition, subject_id, link_id, other_subject_id, evidence, assurance, made_at_ms,
    revoked_at_ms)
SELECT made.*, 0
FROM unnest(
    $1::int[], $2::text[], $3::uuid[], $4::text[], $5::int[], $6::int[], $7::bigint[]
) AS made
