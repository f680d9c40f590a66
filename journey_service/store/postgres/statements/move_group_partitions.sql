-- Give partitions to other consumers, but those of which something was stored meanwhile.
-- $1: group_id. $2: epoch. $3: partitions, ascending. $4: their revisions. $5: their owners.
UPDATE group_progress AS moved
SET owner = given.owner, epoch = $2, revision = moved.revision + 1
FROM unnest($3::int[], $4::bigint[], $5::text[]) AS given (partition, revision, owner)
WHERE moved.partition = given.partition AND moved.group_id = $1 AND moved.revision = given.revision
RETURNING moved.partition
