-- Parked events of a group, and how many of its subject wait behind each. $1: partitions.
-- $2: group_id.
SELECT parked.partition, parked.position, parked.subject_id, parked.attempt, parked.due_ms,
    parked.consumer_id, parked.first_ms, parked.topic, parked.key_version, parked.reason,
    (
        SELECT count(*) FROM deliveries AS held
        WHERE held.partition = parked.partition AND held.group_id = parked.group_id
            AND held.subject_id = parked.subject_id AND held.standing = 4
            AND held.position > parked.position
    ) AS held
FROM deliveries AS parked
WHERE parked.partition = ANY($1::int[]) AND parked.group_id = $2 AND parked.standing = 5
ORDER BY parked.partition, parked.position
