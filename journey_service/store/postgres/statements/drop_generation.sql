-- Begin to drop a generation that is old and that nobody folds on; whoever held a lease of it writes
-- nothing any more. No row where it must stay. $1: projection. $2: generation. $3: only if it is due.
WITH doomed AS (
    UPDATE projections SET status = 'dropping'
    WHERE projection = $1 AND generation = $2
        AND (status = 'dropping' OR status = 'old' AND (NOT $3 OR drop_at_ms BETWEEN 1 AND floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint))
        AND NOT EXISTS (
            SELECT FROM rebuilds
            WHERE rebuilds.projection = $1 AND rebuilds.generation = $2
                AND rebuilds.status IN ('running', 'paused')
        )
        AND NOT EXISTS (
            SELECT FROM live_generations AS named
            JOIN checkpoints ON checkpoints.projection = named.projection
                AND checkpoints.generation = named.generation
            WHERE named.projection = $1 AND named.generation = $2 AND checkpoints.owner <> ''
                AND checkpoints.expires_at_ms > floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
        )
    RETURNING projection, generation
), unnamed AS (
    DELETE FROM live_generations AS named USING doomed
    WHERE named.projection = doomed.projection AND named.generation = doomed.generation
)
SELECT generation FROM doomed
