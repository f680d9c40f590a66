-- The last position of one partition. $1: partition.
SELECT head FROM partitions WHERE partition = $1
