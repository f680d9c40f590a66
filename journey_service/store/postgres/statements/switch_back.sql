-- What a rebuild replaced is live again, in one transaction, and what it made is old. No row where
-- that is not live, or the other one is not kept any more or was folded by another version.
-- $1: projection. $2: generation of the rebuild.
WITH over AS (
    SELECT rebuilds.*
    FROM rebuilds
    JOIN live_generations AS named USING (projection, fold_version, generation)
    JOIN projections AS base
        ON base.projection = rebuilds.projection AND base.generation = rebuilds.base_generation
    WHERE rebuilds.projection = $1 AND rebuilds.generation = $2 AND rebuilds.status = 'switched'
        AND base.status = 'old' AND base.fold_version = rebuilds.fold_version
), stand AS (
    UPDATE projections
    SET status = CASE WHEN projections.generation = over.base_generation THEN 'live' ELSE 'old' END,
        drop_at_ms = CASE
            WHEN projections.generation = over.base_generation THEN 0
            ELSE floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + over.keep_old_ms
        END
    FROM over
    WHERE projections.projection = over.projection
        AND (
            projections.generation = over.base_generation AND projections.status = 'old'
            OR projections.status = 'live'
        )
    RETURNING projections.generation
), back AS (
    SELECT over.* FROM over JOIN stand ON stand.generation = over.base_generation
), named AS (
    UPDATE live_generations AS live SET generation = back.base_generation
    FROM back
    WHERE live.projection = back.projection AND live.fold_version = back.fold_version
)
UPDATE rebuilds SET status = 'reverted'
FROM back
WHERE rebuilds.projection = back.projection AND rebuilds.generation = back.generation
RETURNING rebuilds.*
