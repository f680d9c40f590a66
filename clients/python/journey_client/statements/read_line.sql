-- Reads what a subject's queue sends next: the numbered, then the others as recorded.
SELECT item_no, epoch, event_id, seq, size, content FROM items
WHERE subject_id = :subject_id AND waiting = 1
ORDER BY seq IS NULL, seq, item_no LIMIT :most;
