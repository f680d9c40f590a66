-- How installations of a subject stand from now on. $1: partition. $2: subject_id.
-- $3: installation ids. $4: status. $5: when they were signed out, null = as it was.
UPDATE installation_devices SET status = $4, signed_out_ms = coalesce($5::bigint, signed_out_ms)
WHERE partition = $1 AND subject_id = $2 AND installation_id = ANY ($3::text[])
