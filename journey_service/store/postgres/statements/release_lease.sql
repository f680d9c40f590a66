-- Give a lease back, unless it was lost meanwhile. $1: partition. $2: projection. $3: generation.
-- $4: epoch.
UPDATE checkpoints SET owner = ''
WHERE partition = $1 AND projection = $2 AND generation = $3 AND epoch = $4
