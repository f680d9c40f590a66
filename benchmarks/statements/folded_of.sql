-- How far the states of one customer are folded. $1: partition. $2: subject_id.
SELECT * FROM folded WHERE partition = $1 AND subject_id = $2
