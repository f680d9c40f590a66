-- What the states of one customer are found by. $1: partition. $2: subject_id.
SELECT * FROM state_index WHERE partition = $1 AND subject_id = $2
