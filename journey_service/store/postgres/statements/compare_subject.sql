-- The versions that two generations are folded to of one subject, null = not at all; no row where
-- neither knows it. $1: partition. $2: projection. $3: the new generation. $4: the other.
-- $5: subject_id.
SELECT
    $5::text AS subject_id,
    max(version) FILTER (WHERE generation = $3) AS mine,
    max(version) FILTER (WHERE generation = $4) AS other
FROM folded
WHERE partition = $1 AND projection = $2 AND generation IN ($3, $4) AND subject_id = $5
HAVING count(*) > 0
