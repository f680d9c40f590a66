-- The same for a rebuild that runs: of what it fills. $1: partitions. $2: projection.
-- $3: generation. $4: owner. $5: life in ms.
WITH filled AS MATERIALIZED (
    SELECT projections.generation
    FROM projections
    JOIN rebuilds USING (projection, generation)
    WHERE projection = $2 AND generation = $3 AND rebuilds.status = 'running'
        AND projections.status = 'building'
    FOR SHARE OF projections
)
INSERT INTO checkpoints AS held (partition, projection, generation, position, owner, epoch, expires_at_ms)
SELECT partition, $2, filled.generation, 0, $4, 1, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + $5::bigint
FROM filled, unnest($1::int[]) AS wanted (partition)
ORDER BY partition
ON CONFLICT (partition, projection, generation) DO UPDATE
SET owner = excluded.owner,
    epoch = held.epoch + (held.owner <> excluded.owner)::int,
    expires_at_ms = excluded.expires_at_ms
WHERE held.owner IN ('', excluded.owner) OR held.expires_at_ms <= floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
RETURNING partition, epoch, position
