-- Overwrite a stored session and its device; one that has ended stays ended. No row = it was not
-- there. $1: partition. $2: session_id. $3: ended. $4: key version. $5: sealed session.
-- $6: subject_id. $7: installation_id. $8: sealed device. $9: last_seen_ms.
WITH saved AS (
    UPDATE sessions SET ended = $3, key_version = $4, state = $5
    WHERE partition = $1 AND session_id = $2 AND subject_id = $6 AND (NOT ended OR $3)
    RETURNING 1
), device AS (
    INSERT INTO installation_devices AS known
        (partition, subject_id, installation_id, key_version, state, last_seen_ms)
    SELECT $1, $6, $7, $4, $8, $9::bigint
    FROM saved
    ON CONFLICT (partition, subject_id, installation_id) DO UPDATE
    SET key_version = excluded.key_version, state = excluded.state,
        last_seen_ms = greatest(known.last_seen_ms, excluded.last_seen_ms)
)
SELECT 1 FROM saved
