-- Drops the queue of one subject.
DELETE FROM items WHERE subject_id = :subject_id;
