-- Careful path, first step: lock the heads in partition order and move them by what is asked for.
-- Returns where they stood, and the time that the group is recorded at.
-- $1: partitions. $2: events asked for, beside them.
WITH locked AS MATERIALIZED (
    SELECT partition FROM partitions WHERE partition = ANY ($1::int[]) ORDER BY partition FOR UPDATE
)
UPDATE partitions
SET head = partitions.head + asked.events
FROM unnest($1::int[], $2::bigint[]) AS asked (partition, events)
JOIN locked ON locked.partition = asked.partition
WHERE partitions.partition = asked.partition
RETURNING
    partitions.partition,
    partitions.head - asked.events AS head,
    floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS recorded_at_ms
