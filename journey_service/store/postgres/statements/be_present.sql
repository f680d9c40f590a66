-- Count sessions as present until then. $1: partitions. $2: subject_ids. $3: session_ids. $4: until, ms
-- since 1970.
INSERT INTO presence (partition, subject_id, session_id, until_ms)
SELECT note.*
FROM unnest($1::int[], $2::text[], $3::text[], $4::bigint[]) AS note
ON CONFLICT (partition, subject_id, session_id) DO UPDATE SET until_ms = excluded.until_ms
