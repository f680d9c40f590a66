-- Forgets the subjects of visitors: they were another installation id's.
DELETE FROM accounts WHERE substr(account, 1, length(:prefix)) = :prefix;
