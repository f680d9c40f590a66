-- What waits behind no parked event any more goes on. $1: partitions. $2: group_id.
UPDATE deliveries AS held SET standing = 1
WHERE held.partition = ANY($1::int[]) AND held.group_id = $2 AND held.standing = 4
    AND NOT EXISTS (
        SELECT FROM deliveries AS parked
        WHERE parked.partition = held.partition AND parked.group_id = held.group_id
            AND parked.subject_id = held.subject_id AND parked.standing = 5
            AND parked.position < held.position
    )
