-- Store what an installation is told to do; a known command stays as it is. $1: partition.
-- $2: subject_id. $3: installation_id. $4: command_id. $5: expires_at_ms. $6: key version.
-- $7: sealed command.
INSERT INTO device_commands (
    partition, subject_id, installation_id, command_id, expires_at_ms, answered, done, key_version,
    state
)
SELECT $1, $2, $3, $4, $5, false, false, $6, $7
ON CONFLICT (partition, subject_id, installation_id, command_id) DO NOTHING
