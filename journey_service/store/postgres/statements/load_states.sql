-- States by subject and key. $1: partition. $2: projection. $3: generation. $4: subject ids.
-- $5: keys, beside them.
SELECT states.subject_id, states.key, states.version, states.key_version, states.state
FROM unnest($4::text[], $5::text[]) AS asked (subject_id, key)
JOIN states ON states.partition = $1 AND states.projection = $2 AND states.generation = $3
    AND states.subject_id = asked.subject_id AND states.key = asked.key
