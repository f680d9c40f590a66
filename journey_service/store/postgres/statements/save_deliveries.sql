-- Store what a round changed, of each partition whose epoch and revision are still these; the answer
-- names those partitions. $1: group_id. $2 to $5: partitions, ascending, their epochs, revisions and
-- new checkpoints. $6 to $19: deliveries (partition, position, subject_id, standing, attempt,
-- due_ms, consumer_id, epoch, first_ms, replayed, replaying, topic, key_version, reason).
-- $20, $21: those to forget (partition, position).
WITH kept AS (
    UPDATE group_progress AS progress
    SET checkpoint = given.checkpoint, revision = progress.revision + 1
    FROM unnest($2::int[], $3::bigint[], $4::bigint[], $5::bigint[])
        AS given (partition, epoch, revision, checkpoint)
    WHERE progress.partition = given.partition AND progress.group_id = $1
        AND progress.epoch = given.epoch AND progress.revision = given.revision
    RETURNING progress.partition
), saved AS (
    INSERT INTO deliveries
        (partition, group_id, position, subject_id, standing, attempt, due_ms, consumer_id, epoch,
        first_ms, replayed, replaying, topic, key_version, reason)
    SELECT row.partition, $1, row.position, row.subject_id, row.standing, row.attempt, row.due_ms,
        row.consumer_id, row.epoch, row.first_ms, row.replayed, row.replaying, row.topic,
        row.key_version, row.reason
    FROM kept
    JOIN unnest(
        $6::int[], $7::bigint[], $8::text[], $9::int[], $10::int[], $11::bigint[], $12::text[],
        $13::bigint[], $14::bigint[], $15::boolean[], $16::boolean[], $17::text[], $18::int[],
        $19::bytea[]
    ) AS row (
        partition, position, subject_id, standing, attempt, due_ms, consumer_id, epoch, first_ms,
        replayed, replaying, topic, key_version, reason
    ) ON row.partition = kept.partition
    ON CONFLICT (partition, group_id, position) DO UPDATE
    SET standing = excluded.standing,
        attempt = excluded.attempt,
        due_ms = excluded.due_ms,
        consumer_id = excluded.consumer_id,
        epoch = excluded.epoch,
        first_ms = excluded.first_ms,
        replayed = excluded.replayed,
        replaying = excluded.replaying,
        key_version = excluded.key_version,
        reason = excluded.reason
), forgotten AS (
    DELETE FROM deliveries AS gone
    USING kept, unnest($20::int[], $21::bigint[]) AS row (partition, position)
    WHERE row.partition = kept.partition
        AND gone.partition = row.partition AND gone.group_id = $1 AND gone.position = row.position
)
SELECT partition FROM kept
