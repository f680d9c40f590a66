-- Consumers are gone. $1: partition of the group id. $2: group_id. $3: consumer ids.
DELETE FROM group_consumers
WHERE partition = $1 AND group_id = $2 AND consumer_id = ANY($3::text[])
