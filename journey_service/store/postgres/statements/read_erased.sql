-- Subjects whose data keys were deleted lately. $1: partitions. $2: ms back from now.
SELECT subject_id FROM subjects
WHERE partition = ANY($1::int[])
    AND erased_at_ms > floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - $2
