-- The database's clock, ms since 1970 UTC.
SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
