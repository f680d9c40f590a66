-- End the sign-in epochs of installations. $1: partitions of the installation ids.
-- $2: installation ids, beside them. $3: status of new ones. $4: least standing from now on, or null.
INSERT INTO installation_epochs AS stored (partition, installation_id, epoch, status)
SELECT ending.partition, ending.installation_id, 1, coalesce($4::int, $3::int)
FROM unnest($1::int[], $2::text[]) AS ending (partition, installation_id)
ORDER BY ending.partition, ending.installation_id
ON CONFLICT (partition, installation_id) DO UPDATE
SET epoch = stored.epoch + 1, status = greatest(stored.status, $4::int)
