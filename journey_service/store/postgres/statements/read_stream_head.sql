-- Where a stream stands. $1: partition. $2: subject_id.
SELECT version, floor_ms, floor_counter FROM subjects WHERE partition = $1 AND subject_id = $2
