-- Forget the progress of a group. $1: partitions. $2: group_id.
DELETE FROM group_progress WHERE partition = ANY($1::int[]) AND group_id = $2
