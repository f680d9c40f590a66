-- Notes the next free number of a subject.
INSERT INTO lines (subject_id, next_seq) VALUES (:subject_id, :next_seq)
ON CONFLICT (subject_id) DO UPDATE SET next_seq = excluded.next_seq;
