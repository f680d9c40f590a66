-- Notes whose subject an account is.
INSERT INTO accounts (account, subject_id, epoch) VALUES (:account, :subject_id, :epoch)
ON CONFLICT (account) DO UPDATE SET subject_id = excluded.subject_id, epoch = excluded.epoch;
