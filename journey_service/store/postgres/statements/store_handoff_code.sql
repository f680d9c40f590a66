-- Store which handoff a code belongs to; one that is over gives way. No row = a live one has the same
-- hash. $1: partition of the hash. $2: hash of the code. $3: handoff_id. $4: expires_at_ms.
INSERT INTO handoff_codes AS known (partition, code_hash, handoff_id, expires_at_ms)
SELECT $1, $2, $3, $4
ON CONFLICT (partition, code_hash) DO UPDATE
SET handoff_id = excluded.handoff_id, expires_at_ms = excluded.expires_at_ms
WHERE known.expires_at_ms <= floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
RETURNING 1
