-- Reads commands in the order in which they came.
SELECT command_id, command, result, told FROM commands ORDER BY rowid;
