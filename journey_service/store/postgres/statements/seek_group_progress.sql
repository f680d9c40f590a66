-- Move a group; what was delivered before counts as replayed. $1: group_id. $2: epoch.
-- $3: partitions. $4: their new checkpoints.
UPDATE group_progress AS moved
SET checkpoint = wanted.checkpoint,
    epoch = $2,
    revision = moved.revision + 1,
    replayed_to = greatest(
        moved.checkpoint,
        moved.replayed_to,
        (
            SELECT max(position) FROM deliveries
            WHERE deliveries.partition = moved.partition AND deliveries.group_id = $1
        )
    )
FROM unnest($3::int[], $4::bigint[]) AS wanted (partition, checkpoint)
WHERE moved.partition = wanted.partition AND moved.group_id = $1
