-- Position of one event of a stream. $1: partition. $2: subject_id. $3: version.
SELECT position FROM events
WHERE partition = $1 AND originator_id = $2 AND originator_version = $3
