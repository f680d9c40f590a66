-- Whether a group has parked events. $1: partitions. $2: group_id.
SELECT EXISTS (
    SELECT FROM deliveries WHERE partition = ANY($1::int[]) AND group_id = $2 AND standing = 5
)
