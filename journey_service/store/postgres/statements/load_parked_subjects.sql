-- The lowest parked event of each subject. $1: partitions. $2: group_id.
SELECT partition, subject_id, min(position) AS position
FROM deliveries
WHERE partition = ANY($1::int[]) AND group_id = $2 AND standing = 5
GROUP BY partition, subject_id
