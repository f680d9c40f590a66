-- Sessions of a subject that were ended, with the wrapped data keys of the subject. $1: partition.
-- $2: subject_id. $3: ms since 1970; older ones no repeated call ended.
SELECT sessions.subject_id, sessions.session_id, sessions.key_version, sessions.state,
    subjects.wrapped_keys
FROM sessions
JOIN subjects ON subjects.partition = $1 AND subjects.subject_id = $2
WHERE sessions.partition = $1 AND sessions.subject_id = $2
    AND sessions.opened_at_ms > $3 AND sessions.ended
ORDER BY sessions.session_id
