-- Write the members of a customer, all with the same list. $1 to $4: members (partition, subject_id,
-- registered, created_at_ms). $5: all of their subject_ids, sorted. $6: membership.
INSERT INTO members (partition, subject_id, registered, created_at_ms, subject_ids, membership)
SELECT member.*, $5::text[], $6::bigint
FROM unnest($1::int[], $2::text[], $3::bool[], $4::bigint[]) AS member
ON CONFLICT (partition, subject_id) DO UPDATE
SET subject_ids = excluded.subject_ids, membership = excluded.membership
