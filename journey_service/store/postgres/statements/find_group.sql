-- A group's settings. $1: partition of the group id. $2: group_id.
SELECT settings, revision, created_at_ms FROM consumer_groups WHERE partition = $1 AND group_id = $2
