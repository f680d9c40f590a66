-- Lock groups that have a limit, making their rows. $1: partitions of their names. $2: names.
INSERT INTO limit_groups (partition, limit_group)
SELECT partition, limit_group
FROM unnest($1::int[], $2::text[]) AS asked (partition, limit_group)
ORDER BY partition, limit_group
ON CONFLICT (partition, limit_group) DO UPDATE SET limit_group = excluded.limit_group
