-- What a rebuild filled that ended without a switch is old from now on, unless processes read it.
-- $1: projection. $2: generation. $3: drop it after so long, ms.
UPDATE projections SET status = 'old', drop_at_ms = floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + $3::bigint
WHERE projection = $1 AND generation = $2 AND status = 'building'
    AND NOT EXISTS (
        SELECT FROM live_generations AS named WHERE named.projection = $1 AND named.generation = $2
    )
