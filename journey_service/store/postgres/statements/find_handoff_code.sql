-- Which handoff a code belongs to, and when the code ends. $1: partition of the hash. $2: the hash.
SELECT handoff_id, expires_at_ms FROM handoff_codes WHERE partition = $1 AND code_hash = $2
