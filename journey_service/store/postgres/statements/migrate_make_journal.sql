-- Make the journal, once: its name, its partitions, its first epoch.
-- $1: journal id. $2: number of partitions. $3: epoch.
WITH made AS (
    INSERT INTO journal (journal_id, partition_count, created_at_ms)
    SELECT $1::text, $2::int, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
    WHERE NOT EXISTS (SELECT FROM journal)
    RETURNING created_at_ms
), first_epoch AS (
    INSERT INTO epochs (number, epoch, timeline, heads, opened_at_ms)
    SELECT 1, $3::text,
        ('x' || lpad(substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), 16, '0'))::bit(64)::bigint,
        array_fill(0::bigint, ARRAY[$2::int]),
        created_at_ms
    FROM made
)
INSERT INTO partitions (partition, head)
SELECT number, 0 FROM made CROSS JOIN generate_series(0, $2::int - 1) AS number
