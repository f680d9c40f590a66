-- Forgets who has a subject.
DELETE FROM accounts WHERE subject_id = :subject_id;
