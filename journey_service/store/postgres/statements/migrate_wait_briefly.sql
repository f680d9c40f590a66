-- A migration that has to wait for a lock gives way to those who use the tables, and tries again.
SET LOCAL lock_timeout = '3s'
