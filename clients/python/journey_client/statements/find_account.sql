-- Finds the subject and sign-in epoch of an account.
SELECT subject_id, epoch FROM accounts WHERE account = :account;
