-- Reads all that waits or is still shown, in the order of recording.
SELECT item_no, account, subject_id, epoch, event_id, seq, t_ms, size, content, crc, waiting, shown
FROM items ORDER BY item_no;
