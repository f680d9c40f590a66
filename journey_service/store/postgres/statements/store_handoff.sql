-- Store a handoff that nobody has claimed. $1: partition of its id. $2: handoff_id. $3: subject_id.
-- $4: expires_at_ms. $5: key version. $6: sealed content.
INSERT INTO handoffs (partition, handoff_id, subject_id, expires_at_ms, claimed_by, key_version, state)
SELECT $1, $2, $3, $4, '', $5, $6
