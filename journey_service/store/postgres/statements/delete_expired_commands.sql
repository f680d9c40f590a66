-- Forget calls whose time is over. $1: partitions.
DELETE FROM commands
WHERE partition = ANY ($1::int[])
    AND expires_at_ms <= floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
