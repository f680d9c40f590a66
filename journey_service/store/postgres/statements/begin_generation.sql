-- Begin the generation of a fold version that has none, unless another process does at this moment. It
-- is whole at once where nothing was recorded yet. $1: projection. $2: fold version.
WITH begun AS (
    INSERT INTO projections (projection, generation, fold_version, created_at_ms, status)
    SELECT $1, coalesce(max(generation), 0) + 1, $2, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint,
        CASE WHEN EXISTS (SELECT FROM partitions WHERE head > 0) THEN 'building' ELSE 'live' END
    FROM projections
    WHERE projection = $1
    ON CONFLICT (projection, generation) DO NOTHING
    RETURNING generation
)
INSERT INTO live_generations (projection, fold_version, generation)
SELECT $1, $2, generation FROM begun
ON CONFLICT (projection, fold_version) DO NOTHING
