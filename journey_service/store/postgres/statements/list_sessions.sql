-- Sessions of a subject, newest first, with the wrapped data keys of the subject. $1: partition.
-- $2: subject_id. $3: session_id to begin behind, or ''. $4: limit.
SELECT sessions.subject_id, sessions.session_id, sessions.key_version, sessions.state,
    subjects.wrapped_keys
FROM sessions
JOIN subjects ON subjects.partition = $1 AND subjects.subject_id = $2
WHERE sessions.partition = $1 AND sessions.subject_id = $2
    AND ($3 = '' OR (sessions.opened_at_ms, sessions.session_id) < (
        SELECT opened_at_ms, session_id FROM sessions WHERE partition = $1 AND session_id = $3
    ))
ORDER BY sessions.opened_at_ms DESC, sessions.session_id DESC
LIMIT $4
