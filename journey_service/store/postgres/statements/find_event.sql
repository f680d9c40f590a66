-- When exactly this row was recorded; no row = it was not. The sealed bytes tell it from a row that
-- another process wrote for the same event: each sealing draws its own nonce.
-- $1: partition. $2: position. $3: the sealed event.
SELECT recorded_at_ms FROM events WHERE partition = $1 AND position = $2 AND state = $3
