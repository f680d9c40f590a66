-- End the server process behind a connection of ours that we lost, so that nothing that is still on
-- its way to it can be carried out. No row = it is gone already. $1: its process id.
SELECT pg_terminate_backend(pid, 2000)
FROM pg_stat_activity
WHERE pid = $1 AND pid <> pg_backend_pid() AND application_name = 'journey append'
