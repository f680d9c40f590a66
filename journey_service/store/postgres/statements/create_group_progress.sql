-- Where a new group begins. $1: group_id. $2: partitions. $3: the position behind which each begins.
INSERT INTO group_progress (partition, group_id, checkpoint, owner, epoch, revision, replayed_to)
SELECT partition, $1, checkpoint, '', 0, 0, 0
FROM unnest($2::int[], $3::bigint[]) AS begun (partition, checkpoint)
