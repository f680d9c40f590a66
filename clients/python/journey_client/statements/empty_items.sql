-- Drops the queue.
DELETE FROM items;
