-- The watermarks of one customer's installations. $1: partition. $2: subject_id.
SELECT * FROM installations WHERE partition = $1 AND subject_id = $2
