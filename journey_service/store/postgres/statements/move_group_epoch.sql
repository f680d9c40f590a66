-- A new epoch of a group. $1: partition of the group id. $2: group_id. $3: epoch.
UPDATE consumer_groups SET epoch = $3 WHERE partition = $1 AND group_id = $2
