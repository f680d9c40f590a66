-- Groups by id. $1: partitions. $2: behind this id. $3: limit.
SELECT settings, revision, created_at_ms
FROM consumer_groups
WHERE partition = ANY($1::int[]) AND group_id > $2
ORDER BY group_id
LIMIT $3
