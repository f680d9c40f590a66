-- Delete the data keys of a subject for good. $1: partition. $2: subject id.
-- Returns a row where there were any.
UPDATE subjects
SET wrapped_keys = NULL, erased_at_ms = floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
WHERE partition = $1 AND subject_id = $2 AND erased_at_ms IS NULL
RETURNING 1
