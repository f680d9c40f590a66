-- Note the result of a command, the first one and in time. $1: partition. $2: subject_id.
-- $3: installation_id. $4: command_id. $5: whether it was done. No row = unknown, over or answered.
UPDATE device_commands SET answered = true, done = $5
WHERE partition = $1 AND subject_id = $2 AND installation_id = $3 AND command_id = $4
    AND NOT answered
    AND expires_at_ms > floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
RETURNING key_version, state
