-- Open the epoch after $1 (its number), because the server is on another timeline than before, and
-- note where every partition stands. Nothing happens when another process was first.
-- $2: epoch. $3: timeline.
INSERT INTO epochs (number, epoch, timeline, heads, opened_at_ms)
SELECT $1::int + 1, $2::text, $3::bigint,
    (SELECT array_agg(head ORDER BY partition) FROM partitions),
    floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
ON CONFLICT (number) DO NOTHING
