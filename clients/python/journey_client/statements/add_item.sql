-- Puts an interaction into the queue, without a number.
INSERT INTO items (account, subject_id, epoch, event_id, run_id, point_ms, t_ms, size, content, crc)
VALUES (:account, :subject_id, :epoch, :event_id, :run_id, :point_ms, :t_ms, :size, :content, :crc)
ON CONFLICT (event_id) DO NOTHING;
