-- The same of states that are found by all of these index entries.
-- $1: partitions. $2: projection. $3: generation. $4, $5: behind this subject id and key. $6, $7:
-- least and greatest subject id. $8, $9: least and greatest key. $10: how many. $11, $12: the first
-- field and hashed value. $13, $14: the others.
SELECT found.partition, found.subject_id, found.key, version, key_version, state
FROM (
    SELECT asked.partition, named.subject_id, named.key
    FROM unnest($1::int[]) AS asked (partition)
    CROSS JOIN LATERAL (
        SELECT subject_id, key FROM state_index AS first
        WHERE first.partition = asked.partition AND projection = $2 AND generation = $3
            AND field = $11 AND value = $12
            AND (subject_id, key) > ($4::text COLLATE "C", $5::text COLLATE "C")
            AND subject_id >= $6 AND subject_id <= $7 AND key >= $8 AND key <= $9
            AND NOT EXISTS (
                SELECT 1 FROM unnest($13::text[], $14::bytea[]) AS wanted (field, value)
                WHERE NOT EXISTS (
                    SELECT 1 FROM state_index AS other
                    WHERE other.partition = asked.partition AND other.projection = $2
                        AND other.generation = $3 AND other.field = wanted.field
                        AND other.value = wanted.value AND other.subject_id = first.subject_id
                        AND other.key = first.key
                )
            )
        ORDER BY subject_id, key
        LIMIT $10
    ) AS named
    ORDER BY named.subject_id, named.key
    LIMIT $10
) AS found
JOIN states ON states.partition = found.partition AND projection = $2 AND generation = $3
    AND states.subject_id = found.subject_id AND states.key = found.key
ORDER BY found.subject_id, found.key
