-- Takes an interaction that has its answer out of the queue; its effect may still be shown.
UPDATE items SET waiting = 0 WHERE event_id = :event_id;
