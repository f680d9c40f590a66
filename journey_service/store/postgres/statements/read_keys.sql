-- The wrapped data keys of subjects; null = erased. $1: partitions. $2: subject ids, beside them.
SELECT subjects.subject_id, subjects.wrapped_keys
FROM unnest($1::int[], $2::text[]) AS asked (partition, subject_id)
JOIN subjects ON subjects.partition = asked.partition AND subjects.subject_id = asked.subject_id
