-- One command to an installation, with the wrapped data keys of the subject. $1: partition.
-- $2: subject_id. $3: installation_id. $4: command_id.
SELECT device_commands.key_version, device_commands.state, device_commands.answered,
    device_commands.done, subjects.wrapped_keys
FROM device_commands
JOIN subjects ON subjects.partition = $1 AND subjects.subject_id = $2
WHERE device_commands.partition = $1 AND device_commands.subject_id = $2
    AND device_commands.installation_id = $3 AND device_commands.command_id = $4
