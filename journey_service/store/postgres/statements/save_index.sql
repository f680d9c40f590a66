-- Put the index of changed states right: what they are found by, and nothing else.
-- $1: partition. $2: projection. $3: generation. $4, $5: subject ids and keys of the changed states.
-- $6 to $9: their entries (field, hashed value, subject_id, key).
WITH entries AS (
    SELECT * FROM unnest($6::text[], $7::bytea[], $8::text[], $9::text[])
        AS entry (field, value, subject_id, key)
), gone AS (
    DELETE FROM state_index AS held
    USING unnest($4::text[], $5::text[]) AS changed (subject_id, key)
    WHERE held.partition = $1 AND held.projection = $2 AND held.generation = $3
        AND held.subject_id = changed.subject_id AND held.key = changed.key
        AND NOT EXISTS (
            SELECT 1 FROM entries
            WHERE entries.field = held.field AND entries.value = held.value
                AND entries.subject_id = held.subject_id AND entries.key = held.key
        )
)
INSERT INTO state_index (partition, projection, generation, field, value, subject_id, key)
SELECT $1, $2, $3, field, value, subject_id, key FROM entries
ON CONFLICT DO NOTHING
