-- Gives what was recorded before the subject was known to the subject of its account.
UPDATE items SET subject_id = :subject_id, epoch = :epoch
WHERE account = :account AND subject_id = '';
