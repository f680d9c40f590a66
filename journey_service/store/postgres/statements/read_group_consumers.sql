-- Consumers of a group. $1: partition of the group id. $2: group_id.
SELECT consumer_id, stream,
    until_ms > floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS live
FROM group_consumers
WHERE partition = $1 AND group_id = $2
