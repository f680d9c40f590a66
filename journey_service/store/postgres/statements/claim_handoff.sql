-- Use a handoff up; no row = somebody else did. $1: partition of its id. $2: handoff_id.
-- $3: who claims it.
UPDATE handoffs SET claimed_by = $3
WHERE partition = $1 AND handoff_id = $2 AND claimed_by IN ('', $3)
RETURNING 1
