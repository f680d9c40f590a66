-- Lock members in the order of their keys, behind the heads; returns how often each was linked.
-- $1: partitions. $2: subject_ids, beside them.
SELECT members.subject_id, members.membership
FROM unnest($1::int[], $2::text[]) AS asked (partition, subject_id)
JOIN members ON members.partition = asked.partition AND members.subject_id = asked.subject_id
ORDER BY members.partition, members.subject_id
FOR UPDATE OF members
