-- The states of these events were written, too. $1: partition. $2: position.
UPDATE checkpoints SET position = $2 WHERE partition = $1
