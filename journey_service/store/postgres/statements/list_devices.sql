-- Installations that had a session of a subject, by their id, with the wrapped data keys of the
-- subject. $1: partition. $2: subject_id.
SELECT installation_devices.installation_id, installation_devices.key_version,
    installation_devices.state, installation_devices.status, installation_devices.signed_out_ms,
    installation_devices.last_seen_ms, installation_devices.guest, subjects.wrapped_keys
FROM installation_devices
JOIN subjects ON subjects.partition = $1 AND subjects.subject_id = $2
WHERE installation_devices.partition = $1 AND installation_devices.subject_id = $2
ORDER BY installation_devices.installation_id
