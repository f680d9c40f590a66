-- Forget what counts no more. $1: partitions.
DELETE FROM group_leases
WHERE partition = ANY ($1::int[])
    AND until_ms <= floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 3600000
