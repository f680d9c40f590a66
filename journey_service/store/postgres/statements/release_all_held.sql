-- What waits behind parked events goes on. $1: partitions. $2: group_id.
UPDATE deliveries SET standing = 1
WHERE partition = ANY($1::int[]) AND group_id = $2 AND standing = 4
