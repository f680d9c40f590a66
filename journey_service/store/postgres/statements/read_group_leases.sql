-- Leases that count for groups and have not ended. $1: partitions of their names. $2: names.
SELECT group_leases.limit_group, kind, subject_id, journey_id, installation_id, granted_ms, until_ms
FROM unnest($1::int[], $2::text[]) AS asked (partition, limit_group)
JOIN group_leases ON group_leases.partition = asked.partition
    AND group_leases.limit_group = asked.limit_group
WHERE until_ms > floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
