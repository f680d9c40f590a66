-- The service knows what became of a command; its id stays known.
UPDATE commands SET told = 1 WHERE command_id = :command_id;
