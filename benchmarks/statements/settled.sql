-- Whether every projection has folded all that is committed, in every partition.
SELECT NOT EXISTS (
    SELECT FROM partitions AS p
    WHERE p.head > coalesce(
        (SELECT min(c.position) FROM checkpoints AS c WHERE c.partition = p.partition), 0
    )
);
