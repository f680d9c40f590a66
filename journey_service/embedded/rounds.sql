-- The roles' passwords are 192 random bits, which nobody finds by trying: no connection needs to
-- spend 4,096 rounds on hashing one. For this transaction only, and where the server has the setting.
SELECT set_config(name, '1', true) FROM pg_settings WHERE name = 'scram_iterations';
