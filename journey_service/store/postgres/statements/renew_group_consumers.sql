-- Consumers are there. $1: partition of the group id. $2: group_id. $3: consumer ids. $4: their
-- streams. $5: their lives in ms.
INSERT INTO group_consumers (partition, group_id, consumer_id, stream, until_ms)
SELECT $1, $2, consumer_id, stream,
    floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + life_ms
FROM unnest($3::text[], $4::text[], $5::bigint[]) AS here (consumer_id, stream, life_ms)
ON CONFLICT (partition, group_id, consumer_id) DO UPDATE
SET stream = excluded.stream, until_ms = excluded.until_ms
