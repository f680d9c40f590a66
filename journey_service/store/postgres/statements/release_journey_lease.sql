-- Give a lease up, if it still is of this epoch and has not ended. $1: partition. $2: subject_id.
-- $3: kind. $4: journey_id. $5: epoch.
UPDATE leases SET until_ms = 0
WHERE partition = $1 AND subject_id = $2 AND kind = $3 AND journey_id = $4 AND epoch = $5
    AND until_ms > floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
RETURNING 1
