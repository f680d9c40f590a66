-- Keeps what became of a command until the service was told.
UPDATE commands SET result = :result WHERE command_id = :command_id;
