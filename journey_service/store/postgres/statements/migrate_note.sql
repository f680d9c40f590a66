-- Note a migration as done, in its own transaction. $1: number. $2: name. $3: checksum.
INSERT INTO migrations (number, name, checksum, state, finished_at_ms)
VALUES ($1, $2, $3, 'done', floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)
