-- Finds the next free number of a subject.
SELECT next_seq FROM lines WHERE subject_id = :subject_id;
