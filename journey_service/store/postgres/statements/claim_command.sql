-- Claim a repeatable call for this transaction; no row = it is known. A repeat at the same moment
-- waits here for the first. $1: partition of the command id. $2: command id. $3: caller.
-- $4: content hash. $5: subject_id. $6: life in ms.
INSERT INTO commands AS known
    (partition, command_id, caller, content_hash, subject_id, key_version, state, expires_at_ms)
SELECT $1, $2, $3, $4, $5, 0, ''::bytea,
    floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + $6::bigint
ON CONFLICT (partition, command_id, caller) DO UPDATE
SET content_hash = excluded.content_hash,
    subject_id = excluded.subject_id,
    expires_at_ms = excluded.expires_at_ms
WHERE known.expires_at_ms <= floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
RETURNING expires_at_ms
