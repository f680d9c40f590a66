-- End a sign-in epoch of an installation; ending it twice changes nothing. Returns the epoch in force.
-- $1: partition of the installation id. $2: installation id. $3: epoch that ended. $4: status of a
-- new one.
INSERT INTO installation_epochs AS stored (partition, installation_id, epoch, status)
SELECT $1, $2, $3::int + 1, $4
ON CONFLICT (partition, installation_id) DO UPDATE
SET epoch = greatest(stored.epoch, $3::int + 1)
RETURNING epoch
