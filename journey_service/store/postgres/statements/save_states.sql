-- Write states, the version each subject is folded to, and the checkpoint; nothing at all if the
-- lease has another epoch by now, and then the answer is 0.
-- $1: partition. $2: projection. $3: generation. $4: epoch. $5: position. $6 to $10: states
-- (subject_id, key, version, key_version, state). $11, $12: folded (subject_id, version).
WITH lease AS (
    UPDATE checkpoints SET position = $5
    WHERE partition = $1 AND projection = $2 AND generation = $3 AND epoch = $4 AND owner <> ''
    RETURNING 1
), saved AS (
    INSERT INTO states
        (partition, projection, generation, subject_id, key, version, key_version, state)
    SELECT $1, $2, $3, row.*
    FROM lease, unnest($6::text[], $7::text[], $8::bigint[], $9::int[], $10::bytea[]) AS row
    ON CONFLICT (partition, projection, generation, subject_id, key) DO UPDATE
    SET version = excluded.version, key_version = excluded.key_version, state = excluded.state
), noted AS (
    INSERT INTO folded (partition, projection, generation, subject_id, version)
    SELECT $1, $2, $3, row.*
    FROM lease, unnest($11::text[], $12::bigint[]) AS row
    ON CONFLICT (partition, projection, generation, subject_id) DO UPDATE
    SET version = excluded.version
)
SELECT count(*) FROM lease
