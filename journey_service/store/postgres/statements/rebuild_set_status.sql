-- Give a rebuild another status, if it has one of these. $1: projection. $2: generation. $3: from one
-- of these. $4: to. $5: reason of an error, 0 = none. $6: its text. $7: whether this is its end.
UPDATE rebuilds
SET status = $4, error_reason = $5, error = $6,
    ended_at_ms = CASE WHEN $7 THEN floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint ELSE 0 END
WHERE projection = $1 AND generation = $2 AND status = ANY ($3::text[])
RETURNING *
