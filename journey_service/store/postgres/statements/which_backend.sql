-- Which process of which server answers: no two connections at once get the same answer, and one
-- connection never gets two, unless something between shares them out by the transaction.
SELECT pg_backend_pid()::text || ' of ' || pg_postmaster_start_time()::text
