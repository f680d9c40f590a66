-- A subject's own row: when its stream began, and who is one customer with it (NULL = nobody).
-- $1: partition. $2: subject_id.
SELECT
    (
        SELECT created_at_ms FROM subjects
        WHERE subjects.partition = $1 AND subjects.subject_id = $2 AND subjects.version > 0
    ) AS created_at_ms,
    (
        SELECT subject_ids FROM members
        WHERE members.partition = $1 AND members.subject_id = $2
    ) AS subject_ids
