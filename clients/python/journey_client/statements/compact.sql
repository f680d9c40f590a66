-- Of the unnumbered reports of a run keeps the first and the furthest.
DELETE FROM items WHERE item_no IN (
    SELECT item_no FROM (
        SELECT item_no,
               row_number() OVER (PARTITION BY account, subject_id, run_id ORDER BY item_no) AS nth,
               row_number() OVER (
                   PARTITION BY account, subject_id, run_id ORDER BY point_ms DESC, item_no
               ) AS furthest
        FROM items WHERE seq IS NULL AND waiting = 1 AND run_id <> ''
    )
    WHERE nth > 1 AND furthest > 1
)
RETURNING event_id;
