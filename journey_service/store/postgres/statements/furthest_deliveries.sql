-- The last event of each partition that a group knows of. $1: partitions. $2: group_id.
SELECT partition, max(position) AS position
FROM deliveries
WHERE partition = ANY($1::int[]) AND group_id = $2
GROUP BY partition
