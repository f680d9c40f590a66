-- The parked events of each subject, by position, and the lowest. $1: partitions. $2: group_id.
SELECT partition, subject_id, min(position) AS position, array_agg(position) AS positions
FROM deliveries
WHERE partition = ANY($1::int[]) AND group_id = $2 AND standing = 5
GROUP BY partition, subject_id
