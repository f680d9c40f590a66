-- Store a new session and its device. $1: partition. $2: session_id. $3: subject_id.
-- $4: opened_at_ms. $5: ended. $6: key version. $7: sealed session. $8: installation_id.
-- $9: sealed device. $10: last_seen_ms. $11: whether it is somebody else's; a device is a guest while
-- all its sessions are.
WITH device AS (
    INSERT INTO installation_devices AS known
        (partition, subject_id, installation_id, key_version, state, last_seen_ms, guest)
    SELECT $1, $3, $8, $6, $9, $10::bigint, $11::boolean
    ON CONFLICT (partition, subject_id, installation_id) DO UPDATE
    SET key_version = excluded.key_version, state = excluded.state,
        last_seen_ms = greatest(known.last_seen_ms, excluded.last_seen_ms),
        guest = known.guest AND excluded.guest
)
INSERT INTO sessions (partition, session_id, subject_id, opened_at_ms, ended, key_version, state)
SELECT $1, $2, $3, $4, $5, $6, $7
