-- Events were written up to here. $1: partition. $2: position.
UPDATE partitions SET head = $2 WHERE partition = $1
