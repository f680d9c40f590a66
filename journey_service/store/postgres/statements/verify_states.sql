-- The states of one subject, and the version they are folded to. $1: partition. $2: projection.
-- $3: generation. $4: subject_id.
SELECT folded.version AS folded_version, states.key, states.version, states.key_version, states.state
FROM folded
LEFT JOIN states ON states.partition = $1 AND states.projection = $2 AND states.generation = $3
    AND states.subject_id = $4
WHERE folded.partition = $1 AND folded.projection = $2 AND folded.generation = $3
    AND folded.subject_id = $4
