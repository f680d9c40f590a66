-- Whether any migration was ever carried out here.
SELECT to_regclass('migrations') IS NOT NULL
