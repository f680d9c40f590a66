-- A step of dropping: some subjects of one partition, each with all that is stored of it. Gives how
-- many. $1: partition. $2: projection. $3: generation. $4: at most so many.
WITH part AS (
    SELECT subject_id FROM folded
    WHERE partition = $1 AND projection = $2 AND generation = $3
    ORDER BY subject_id
    LIMIT $4
), gone AS (
    DELETE FROM states USING part
    WHERE partition = $1 AND projection = $2 AND generation = $3
        AND states.subject_id = part.subject_id
), forgotten AS (
    DELETE FROM folded USING part
    WHERE partition = $1 AND projection = $2 AND generation = $3
        AND folded.subject_id = part.subject_id
), unfound AS (
    DELETE FROM state_index USING part
    WHERE partition = $1 AND projection = $2 AND generation = $3
        AND state_index.subject_id = part.subject_id
)
SELECT count(*) FROM part
