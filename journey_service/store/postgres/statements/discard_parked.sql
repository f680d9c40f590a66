-- Parked events count as settled. $1: group_id. $2, $3: partitions and positions.
UPDATE deliveries AS parked
SET standing = 3, reason = NULL
FROM unnest($2::int[], $3::bigint[]) AS row (partition, position)
WHERE parked.partition = row.partition AND parked.group_id = $1
    AND parked.position = row.position AND parked.standing = 5
RETURNING 1
