-- Rebuilds, newest first. $1: projection, '' = all. $2: status, '' = any. $3: at most.
SELECT * FROM rebuilds
WHERE ($1 = '' OR projection = $1) AND ($2 = '' OR status = $2)
ORDER BY started_at_ms DESC, projection, generation DESC
LIMIT $3
