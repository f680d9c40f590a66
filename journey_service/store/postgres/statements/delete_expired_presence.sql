-- Forget who was present an hour ago. $1: partitions.
DELETE FROM presence
WHERE partition = ANY ($1::int[])
    AND until_ms <= floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 3600000
