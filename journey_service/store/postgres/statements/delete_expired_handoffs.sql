-- Forget handoffs a day after their time; until then a repeated claim is answered. $1: partitions.
DELETE FROM handoffs
WHERE partition = ANY ($1::int[])
    AND expires_at_ms <= floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 86400000
