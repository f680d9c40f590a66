-- What was chosen when the database was made.
SELECT journal_id, partition_count FROM journal
