-- Devices of the installations that had a session of a subject, with the wrapped data keys of the
-- subject. $1: partition. $2: subject_id.
SELECT installation_devices.installation_id, installation_devices.key_version,
    installation_devices.state, subjects.wrapped_keys
FROM installation_devices
JOIN subjects ON subjects.partition = $1 AND subjects.subject_id = $2
WHERE installation_devices.partition = $1 AND installation_devices.subject_id = $2
