-- Forget what was delivered before a group moved, parked events and what waits behind them only if
-- told. $1: partitions. $2: group_id. $3: parked ones, too.
DELETE FROM deliveries
WHERE partition = ANY($1::int[]) AND group_id = $2 AND (standing < 4 OR $3::boolean)
