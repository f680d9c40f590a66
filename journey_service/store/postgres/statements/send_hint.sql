-- Tell other processes which partitions moved, "partition:head,…". $1: channel. $2: the text.
SELECT pg_notify($1, $2)
