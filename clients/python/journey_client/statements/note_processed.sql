-- Notes how far the copy holds the effect of own interactions.
INSERT INTO processed (subject_id, epoch, seq) VALUES (:subject_id, :epoch, :seq)
ON CONFLICT (subject_id, epoch) DO UPDATE SET seq = excluded.seq;
