-- Where a group stands after a seek. $1: group_id. $2 to $8: partitions, and of each checkpoint, epoch,
-- replayed_to, again_from, again_to, resume_at.
UPDATE group_progress AS moved
SET checkpoint = given.checkpoint,
    epoch = given.epoch,
    revision = moved.revision + 1,
    replayed_to = given.replayed_to,
    again_from = given.again_from,
    again_to = given.again_to,
    resume_at = given.resume_at
FROM unnest(
    $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[]
) AS given (partition, checkpoint, epoch, replayed_to, again_from, again_to, resume_at)
WHERE moved.partition = given.partition AND moved.group_id = $1
