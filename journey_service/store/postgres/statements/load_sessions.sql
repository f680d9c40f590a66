-- Sessions with the wrapped data keys of their subjects. $1: partitions. $2: session_ids.
-- LIMIT keeps each table inside the loop over what is asked, whatever the planner believes.
SELECT found.subject_id, found.session_id, found.key_version, found.state, found.wrapped_keys
FROM unnest($1::int[], $2::text[]) AS asked (partition, session_id)
CROSS JOIN LATERAL (
    SELECT sessions.subject_id, sessions.session_id, sessions.key_version, sessions.state,
        subjects.wrapped_keys
    FROM sessions
    JOIN subjects ON subjects.partition = asked.partition
        AND subjects.subject_id = sessions.subject_id
    WHERE sessions.partition = asked.partition AND sessions.session_id = asked.session_id
    LIMIT 1
) AS found
