-- Register an installation or find it; the epoch in force is the greater one, at most $4 ahead.
-- $1: partition of the installation id. $2: installation id. $3: epoch as the client knows it.
-- $4: epochs ahead. $5: status of a new one.
INSERT INTO installation_epochs AS stored (partition, installation_id, epoch, status)
SELECT $1, $2, least($3::int, $4::int), $5
ON CONFLICT (partition, installation_id) DO UPDATE
SET epoch = greatest(stored.epoch, least($3::int, stored.epoch + $4::int))
RETURNING epoch, status
