-- Whoever holds what it knew of these partitions looks again; waits for who stores something now.
-- $1: partitions, ascending. $2: group_id.
UPDATE group_progress SET revision = revision + 1 WHERE partition = ANY($1::int[]) AND group_id = $2
