-- What is settled is not needed before the checkpoint. $1: partitions. $2: group_id.
DELETE FROM deliveries AS settled
USING group_progress AS progress
WHERE settled.partition = ANY($1::int[]) AND settled.group_id = $2 AND settled.standing = 3
    AND progress.partition = settled.partition AND progress.group_id = settled.group_id
    AND settled.position <= progress.checkpoint
