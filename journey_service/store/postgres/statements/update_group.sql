-- New settings. $1: partition of the group id. $2: group_id. $3: settings.
UPDATE consumer_groups SET settings = $3, revision = revision + 1
WHERE partition = $1 AND group_id = $2
