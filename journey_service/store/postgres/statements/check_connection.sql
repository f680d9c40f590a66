-- What has to be known of a connection before it is used: how durable its writes are (rule R17),
-- the timeline of the server (rule R6), its role and its limits. Settings may differ between
-- databases, roles and sessions, so every new connection is asked.
SELECT
    current_setting('fsync', true) AS fsync,
    current_setting('full_page_writes', true) AS full_page_writes,
    current_setting('synchronous_commit', true) AS synchronous_commit,
    current_setting('data_checksums', true) AS data_checksums,
    current_setting('data_sync_retry', true) AS data_sync_retry,
    current_setting('zero_damaged_pages', true) AS zero_damaged_pages,
    current_setting('ignore_checksum_failure', true) AS ignore_checksum_failure,
    current_setting('statement_timeout', true) AS statement_timeout,
    CASE WHEN pg_is_in_recovery() THEN NULL ELSE
        ('x' || lpad(substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), 16, '0'))::bit(64)::bigint
    END AS timeline
