-- What was carried out, in order: number, name, checksum, state.
SELECT number, name, checksum, state FROM migrations ORDER BY number
