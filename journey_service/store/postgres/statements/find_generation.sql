-- The generation that a fold version reads and folds on; null = none. $1: projection.
-- $2: fold version.
SELECT generation FROM live_generations WHERE projection = $1 AND fold_version = $2
