-- Count a typed code; returns how many of the window that makes. $1: partition of the claimer.
-- $2: claimer. $3: length of the window, ms.
INSERT INTO handoff_tries AS known (partition, claimer, tries, until_ms)
SELECT $1, $2, 1, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + $3::bigint
ON CONFLICT (partition, claimer) DO UPDATE
SET tries = CASE WHEN known.until_ms > excluded.until_ms - $3::bigint THEN known.tries + 1 ELSE 1 END,
    until_ms = CASE
        WHEN known.until_ms > excluded.until_ms - $3::bigint THEN known.until_ms
        ELSE excluded.until_ms
    END
RETURNING tries
