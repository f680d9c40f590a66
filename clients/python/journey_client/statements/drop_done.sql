-- Forgets what has its answer and is shown no more.
DELETE FROM items WHERE waiting = 0 AND shown = 0;
