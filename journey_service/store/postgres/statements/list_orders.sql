-- What an installation is told and has neither answered nor outlived, with the wrapped data keys of
-- the subject. $1: partition. $2: subject_id. $3: installation_id.
SELECT device_commands.command_id, device_commands.key_version, device_commands.state,
    subjects.wrapped_keys
FROM device_commands
JOIN subjects ON subjects.partition = $1 AND subjects.subject_id = $2
WHERE device_commands.partition = $1 AND device_commands.subject_id = $2
    AND device_commands.installation_id = $3 AND NOT device_commands.answered
    AND device_commands.expires_at_ms > floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
ORDER BY device_commands.expires_at_ms, device_commands.command_id
