-- What a repeatable call was answered. $1: partition of the command id. $2: command id. $3: caller.
SELECT content_hash, subject_id, key_version, state
FROM commands
WHERE partition = $1 AND command_id = $2 AND caller = $3
