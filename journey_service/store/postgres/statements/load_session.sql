-- A session with the wrapped data keys of its subject. $1: partition. $2: session_id.
SELECT sessions.subject_id, sessions.session_id, sessions.key_version, sessions.state,
    subjects.wrapped_keys
FROM sessions
JOIN subjects ON subjects.partition = $1 AND subjects.subject_id = sessions.subject_id
WHERE sessions.partition = $1 AND sessions.session_id = $2
