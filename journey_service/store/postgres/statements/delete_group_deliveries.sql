-- Forget deliveries and parked events of a group. $1: partitions. $2: group_id.
DELETE FROM deliveries WHERE partition = ANY($1::int[]) AND group_id = $2
