-- How a group stands, counted in one snapshot: one row a partition. $1: partitions. $2: group_id.
-- $3: partition of the group id.
SELECT progress.partition, progress.checkpoint, progress.owner, progress.epoch, progress.revision,
    progress.replayed_to, progress.again_from, progress.again_to, progress.resume_at,
    (
        SELECT count(*) FROM group_consumers
        WHERE partition = $3 AND group_id = $2
            AND until_ms > floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
    ) AS consumers,
    count(*) FILTER (WHERE given.standing = 2 AND given.epoch = progress.epoch) AS in_flight,
    count(*) FILTER (WHERE given.standing = 5) AS parked,
    count(*) FILTER (WHERE given.standing = 4) AS held,
    array_agg(given.position) FILTER (WHERE given.standing <= 2) AS unsettled,
    array_agg(given.position)
        FILTER (WHERE given.standing >= 3 AND given.position > progress.checkpoint) AS done,
    min(given.first_ms) FILTER (WHERE given.standing <= 2 AND given.first_ms > 0) AS oldest_ms
FROM group_progress AS progress
LEFT JOIN deliveries AS given
    ON given.partition = progress.partition AND given.group_id = progress.group_id
WHERE progress.partition = ANY($1::int[]) AND progress.group_id = $2
GROUP BY progress.partition, progress.group_id
