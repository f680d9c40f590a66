-- Begin a rebuild in a generation of its own, or, where $4 is true, of the generation that the fold
-- version reads by now, while that one is not whole. No row where another rebuild of the projection
-- runs, where it has no such generation, or where another process begins one at this moment.
-- $1: projection. $2: fold version. $3: heads of the journal, from partition 0. $4: automatic.
-- $5: dry run. $6: keep the old one for so long, ms. $7: command id. $8: caller. $9: content hash.
WITH live AS (
    SELECT named.generation, projections.status
    FROM live_generations AS named
    JOIN projections USING (projection, generation)
    WHERE named.projection = $1 AND named.fold_version = $2
), base AS (
    SELECT generation, fold_version
    FROM projections
    WHERE projection = $1 AND status IN ('live', 'old')
    ORDER BY (generation = (SELECT generation FROM live)) DESC, status, generation DESC
    LIMIT 1
), made AS (
    INSERT INTO projections (projection, generation, fold_version, created_at_ms, status)
    SELECT $1, max(generation) + 1, $2, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint, 'building'
    FROM projections
    WHERE projection = $1 AND NOT $4
        AND EXISTS (SELECT FROM live WHERE status IN ('live', 'old'))
        AND NOT EXISTS (
            SELECT FROM rebuilds WHERE projection = $1 AND status IN ('running', 'paused')
        )
    HAVING count(*) > 0
    ON CONFLICT (projection, generation) DO NOTHING
    RETURNING generation
), filled AS (
    SELECT generation FROM made
    UNION ALL
    SELECT generation FROM live WHERE $4 AND status = 'building'
)
INSERT INTO rebuilds (
    projection, generation, fold_version, base_generation, base_version, status, automatic, dry_run,
    keep_old_ms, targets, command_id, caller, content_hash, error_reason, error, started_at_ms,
    ended_at_ms
)
SELECT $1, filled.generation, $2, coalesce(base.generation, 0), coalesce(base.fold_version, 0),
    'running', $4, $5, $6, $3::bigint[], $7, $8, $9, 0, '', floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint, 0
FROM filled LEFT JOIN base ON true
ON CONFLICT (projection, generation) DO NOTHING
RETURNING *
