-- Takes the numbers back: they were another installation id's.
UPDATE items SET seq = NULL WHERE waiting = 1;
