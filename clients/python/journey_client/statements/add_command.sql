-- Keeps a command, once.
INSERT INTO commands (command_id, command, told) VALUES (:command_id, :command, 0)
ON CONFLICT (command_id) DO NOTHING;
