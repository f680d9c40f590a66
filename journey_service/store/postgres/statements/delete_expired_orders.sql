-- Forget commands to devices an hour after their time. $1: partitions.
DELETE FROM device_commands
WHERE partition = ANY ($1::int[])
    AND expires_at_ms <= floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 3600000
