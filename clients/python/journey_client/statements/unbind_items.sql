-- Takes what visitors recorded from their subject: it was another installation id's.
UPDATE items SET subject_id = '' WHERE waiting = 1 AND substr(account, 1, length(:prefix)) = :prefix;
