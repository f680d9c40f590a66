-- Counts what an account recorded and nobody answered.
SELECT count(*) AS waiting FROM items WHERE account = :account AND waiting = 1;
