-- Where a group stands, and whether anything is in flight there. $1: partitions. $2: group_id.
SELECT progress.partition, progress.checkpoint, progress.owner, progress.epoch, progress.revision,
    progress.replayed_to, progress.again_from, progress.again_to, progress.resume_at,
    EXISTS (
        SELECT FROM deliveries AS given
        WHERE given.partition = progress.partition AND given.group_id = progress.group_id
            AND given.standing = 2 AND given.epoch = progress.epoch
    ) AS busy
FROM group_progress AS progress
WHERE progress.partition = ANY($1::int[]) AND progress.group_id = $2
ORDER BY progress.partition
