-- States of a projection by subject and key, across partitions.
-- $1: partitions. $2: projection. $3: generation. $4, $5: behind this subject id and key. $6, $7:
-- least and greatest subject id. $8, $9: least and greatest key. $10: how many.
SELECT found.partition, found.subject_id, found.key, version, key_version, state
FROM (
    SELECT asked.partition, named.subject_id, named.key
    FROM unnest($1::int[]) AS asked (partition)
    CROSS JOIN LATERAL (
        SELECT subject_id, key FROM states
        WHERE states.partition = asked.partition AND projection = $2 AND generation = $3
            AND (subject_id, key) > ($4::text COLLATE "C", $5::text COLLATE "C")
            AND subject_id >= $6 AND subject_id <= $7 AND key >= $8 AND key <= $9
        ORDER BY subject_id, key
        LIMIT $10
    ) AS named
    ORDER BY named.subject_id, named.key
    LIMIT $10
) AS found
JOIN states ON states.partition = found.partition AND projection = $2 AND generation = $3
    AND states.subject_id = found.subject_id AND states.key = found.key
ORDER BY found.subject_id, found.key
