-- Whether parked events of a group are delivered again now. $1: partitions. $2: group_id.
SELECT EXISTS (
    SELECT FROM deliveries WHERE partition = ANY($1::int[]) AND group_id = $2 AND replaying
)
