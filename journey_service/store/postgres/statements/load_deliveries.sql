-- What is known of the events of a group: all behind the checkpoint, and the lowest unsettled ones
-- before it. $1: partitions. $2: group_id. $3: most before it, of each partition.
SELECT given.partition, given.position, given.subject_id, given.standing, given.attempt,
    given.due_ms, given.consumer_id, given.epoch, given.first_ms, given.replayed, given.replaying,
    given.topic
FROM group_progress AS progress
CROSS JOIN LATERAL (
    (
        SELECT * FROM deliveries AS one
        WHERE one.partition = progress.partition AND one.group_id = progress.group_id
            AND one.position <= progress.checkpoint AND one.standing <= 2
        ORDER BY one.position
        LIMIT $3
    )
    UNION ALL
    SELECT * FROM deliveries AS one
    WHERE one.partition = progress.partition AND one.group_id = progress.group_id
        AND one.position > progress.checkpoint
) AS given
WHERE progress.partition = ANY($1::int[]) AND progress.group_id = $2
