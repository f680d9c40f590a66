-- Subjects of one partition, by id. $1: partition. $2: behind this subject_id. $3: limit.
SELECT subject_id, version, wrapped_keys
FROM subjects
WHERE partition = $1 AND subject_id > $2
ORDER BY subject_id
LIMIT $3
