-- All that groups know of a subject's events counts as settled. $1: partition. $2: subject id.
UPDATE deliveries SET standing = 3, replaying = false, reason = NULL
WHERE partition = $1 AND subject_id = $2
