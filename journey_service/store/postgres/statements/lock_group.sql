-- Lock a group: who shares its partitions and who moves it take turns. $1: partition of the group
-- id. $2: group_id.
SELECT revision, epoch FROM consumer_groups WHERE partition = $1 AND group_id = $2 FOR UPDATE
