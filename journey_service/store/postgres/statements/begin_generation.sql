-- Begin a generation, unless another process begins one at this moment.
-- $1: projection. $2: fold version.
INSERT INTO projections (projection, generation, fold_version, created_at_ms)
SELECT $1, coalesce(max(generation), 0) + 1, $2,
    floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
FROM projections
WHERE projection = $1
ON CONFLICT (projection, generation) DO NOTHING
