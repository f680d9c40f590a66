-- Customers with a history of at most $1 events, and where their streams stand.
SELECT partition, subject_id, version, floor_ms, floor_counter, created_at_ms
FROM subjects
WHERE version BETWEEN 1 AND $1
ORDER BY partition, subject_id
