-- Take or renew the leases of partitions that are free, expired or the owner's own; a take-over
-- raises the epoch. Partitions that another owner holds give no row, and what a rebuild fills none at
-- all. $1: partitions. $2: projection. $3: fold version. $4: owner. $5: life in ms.
WITH live AS MATERIALIZED (
    SELECT projections.generation
    FROM live_generations AS named
    JOIN projections USING (projection, generation)
    WHERE named.projection = $2 AND named.fold_version = $3
        AND projections.status IN ('building', 'live', 'old')
        AND NOT EXISTS (
            SELECT FROM rebuilds
            WHERE rebuilds.projection = $2 AND rebuilds.generation = projections.generation
                AND rebuilds.status IN ('running', 'paused')
        )
    FOR SHARE OF projections
)
INSERT INTO checkpoints AS held (partition, projection, generation, position, owner, epoch, expires_at_ms)
SELECT partition, $2, live.generation, 0, $4, 1, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + $5::bigint
FROM live, unnest($1::int[]) AS wanted (partition)
ORDER BY partition
ON CONFLICT (partition, projection, generation) DO UPDATE
SET owner = excluded.owner,
    epoch = held.epoch + (held.owner <> excluded.owner)::int,
    expires_at_ms = excluded.expires_at_ms
WHERE held.owner IN ('', excluded.owner) OR held.expires_at_ms <= floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
RETURNING generation, partition, epoch, position
