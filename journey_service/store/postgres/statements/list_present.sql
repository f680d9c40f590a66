-- Sessions of a subject that are present and that nobody ended, with the wrapped data keys of the
-- subject. $1: partition. $2: subject_id.
SELECT sessions.subject_id, sessions.session_id, sessions.key_version, sessions.state,
    subjects.wrapped_keys, presence.until_ms
FROM presence
JOIN sessions ON sessions.partition = $1 AND sessions.session_id = presence.session_id
JOIN subjects ON subjects.partition = $1 AND subjects.subject_id = $2
WHERE presence.partition = $1 AND presence.subject_id = $2 AND NOT sessions.ended
    AND presence.until_ms > floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
ORDER BY presence.session_id
