-- Count a session as present until then. $1: partition. $2: subject_id. $3: session_id.
-- $4: until, ms since 1970.
INSERT INTO presence (partition, subject_id, session_id, until_ms)
SELECT $1, $2, $3, $4
ON CONFLICT (partition, subject_id, session_id) DO UPDATE SET until_ms = excluded.until_ms
