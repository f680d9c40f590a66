-- What is settled is not needed before the checkpoint. $1: partition. $2: subject id.
DELETE FROM deliveries AS settled
USING group_progress AS progress
WHERE settled.partition = $1 AND settled.subject_id = $2
    AND progress.partition = settled.partition AND progress.group_id = settled.group_id
    AND settled.position <= progress.checkpoint
