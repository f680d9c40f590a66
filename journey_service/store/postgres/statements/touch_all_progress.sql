-- Whatever groups hold of what they knew of a partition, they look again; waits for who stores
-- something now. $1: partition.
WITH locked AS MATERIALIZED (
    SELECT group_id FROM group_progress WHERE partition = $1 ORDER BY group_id FOR UPDATE
)
UPDATE group_progress AS progress SET revision = progress.revision + 1
FROM locked
WHERE progress.partition = $1 AND progress.group_id = locked.group_id
