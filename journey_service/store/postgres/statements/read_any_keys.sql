-- The wrapped data keys of some subjects, to try the master keys on. $1: partitions.
SELECT subject_id, wrapped_keys
FROM subjects
WHERE partition = ANY ($1::int[]) AND wrapped_keys IS NOT NULL
LIMIT 5
