-- All states of some subjects in two generations. $1: partition. $2: projection. $3: generations.
-- $4: subject ids.
SELECT generation, subject_id, key, version, key_version, state
FROM states
WHERE partition = $1 AND projection = $2 AND generation = ANY ($3::int[])
    AND subject_id = ANY ($4::text[])
