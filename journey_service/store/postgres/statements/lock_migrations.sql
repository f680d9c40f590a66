-- Try to be the only one that migrates this database, until the connection ends (rule R21).
-- $1: key of the lock. Returns whether it was free.
SELECT pg_try_advisory_lock($1::bigint)
