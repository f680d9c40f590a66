-- Forgets the numbers of one subject.
DELETE FROM lines WHERE subject_id = :subject_id;
