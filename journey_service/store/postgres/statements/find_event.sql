-- When an event was recorded; no row = it was not. $1: partition. $2: subject_id. $3: event_id.
SELECT recorded_at_ms FROM events WHERE partition = $1 AND originator_id = $2 AND event_id = $3
