-- Members of customers in one partition, by id. $1: partition. $2: behind this subject_id. $3: limit.
SELECT subject_id
FROM members
WHERE partition = $1 AND subject_id > $2
ORDER BY subject_id
LIMIT $3
