-- Make a group; no row = its id is taken. $1: partition of the group id. $2: group_id. $3: settings.
INSERT INTO consumer_groups (partition, group_id, settings, revision, epoch, created_at_ms)
VALUES ($1, $2, $3, 1, 0, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)
ON CONFLICT (partition, group_id) DO NOTHING
RETURNING revision
