-- Forget typed codes that count no more. $1: partitions.
DELETE FROM handoff_tries
WHERE partition = ANY ($1::int[])
    AND until_ms <= floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
