-- Subjects of one partition behind one of them, with the versions that two generations are folded to,
-- null = not at all. $1: partition. $2: projection. $3: the new generation. $4: the other. $5: behind
-- this subject. $6: at most so many.
SELECT subject_id, mine.version AS mine, other.version AS other
FROM (
    SELECT subject_id, version FROM folded
    WHERE partition = $1 AND projection = $2 AND generation = $3 AND subject_id > $5
    ORDER BY subject_id
    LIMIT $6
) AS mine
FULL JOIN (
    SELECT subject_id, version FROM folded
    WHERE partition = $1 AND projection = $2 AND generation = $4 AND subject_id > $5
    ORDER BY subject_id
    LIMIT $6
) AS other USING (subject_id)
ORDER BY subject_id
LIMIT $6
