-- The sealed states of one customer. $1: partition. $2: subject_id.
SELECT projection, generation, key, version, key_version, state
FROM states
WHERE partition = $1 AND subject_id = $2
