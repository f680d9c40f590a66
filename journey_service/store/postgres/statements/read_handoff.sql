-- A handoff. $1: partition of its id. $2: handoff_id.
SELECT subject_id, claimed_by, key_version, state
FROM handoffs
WHERE partition = $1 AND handoff_id = $2
