-- Sessions with the wrapped data keys of their subjects. $1: partitions. $2: session_ids.
SELECT sessions.subject_id, sessions.session_id, sessions.key_version, sessions.state,
    subjects.wrapped_keys
FROM unnest($1::int[], $2::text[]) AS asked (partition, session_id)
JOIN sessions ON sessions.partition = asked.partition AND sessions.session_id = asked.session_id
JOIN subjects ON subjects.partition = sessions.partition
    AND subjects.subject_id = sessions.subject_id
