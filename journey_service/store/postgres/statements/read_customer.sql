-- Members and their links, in one snapshot; one row a thing, told apart by `part`: m = a member,
-- l = an end of a link. $1: partitions. $2: subject_ids, beside them.
WITH asked AS (
    SELECT partition, subject_id FROM unnest($1::int[], $2::text[]) AS asked (partition, subject_id)
)
SELECT
    'm' AS part, members.subject_id, NULL::uuid AS link_id, NULL::text AS other_subject_id,
    registered::int AS first, NULL::int AS second, created_at_ms AS began_ms, membership AS last,
    subject_ids
FROM asked
JOIN members ON members.partition = asked.partition AND members.subject_id = asked.subject_id
UNION ALL
SELECT
    'l', links.subject_id, link_id, other_subject_id, evidence, assurance, made_at_ms,
    revoked_at_ms, NULL
FROM asked
JOIN links ON links.partition = asked.partition AND links.subject_id = asked.subject_id
