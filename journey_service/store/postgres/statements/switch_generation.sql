-- The switch, in one transaction: the row that names the live generation names the new one, the others
-- are old, the rebuild is over. No row where the rebuild does not run.
-- $1: projection. $2: generation.
WITH over AS (
    UPDATE rebuilds SET status = 'switched', ended_at_ms = floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
    WHERE projection = $1 AND generation = $2 AND status = 'running' AND NOT dry_run
    RETURNING *
), named AS (
    INSERT INTO live_generations AS live (projection, fold_version, generation)
    SELECT projection, fold_version, generation FROM over
    ON CONFLICT (projection, fold_version) DO UPDATE SET generation = excluded.generation
), stand AS (
    UPDATE projections
    SET status = CASE WHEN projections.generation = over.generation THEN 'live' ELSE 'old' END,
        drop_at_ms = CASE
            WHEN projections.generation = over.generation THEN 0
            ELSE floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + over.keep_old_ms
        END
    FROM over
    WHERE projections.projection = over.projection
        AND (projections.generation = over.generation OR projections.status = 'live')
)
SELECT * FROM over
