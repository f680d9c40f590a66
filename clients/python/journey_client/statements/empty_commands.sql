-- Drops commands.
DELETE FROM commands;
