-- Keep the answer of a claimed call. $1: partition of the command id. $2: command id. $3: caller.
-- $4: key version. $5: sealed answer.
UPDATE commands SET key_version = $4, state = $5
WHERE partition = $1 AND command_id = $2 AND caller = $3
