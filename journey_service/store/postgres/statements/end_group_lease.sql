-- A lease that was given up counts no more. $1: partition of the group's name. $2: limit_group.
-- $3: kind. $4: subject_id. $5: journey_id.
UPDATE group_leases SET until_ms = 0
WHERE partition = $1 AND limit_group = $2 AND kind = $3 AND subject_id = $4 AND journey_id = $5
