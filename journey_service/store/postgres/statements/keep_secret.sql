-- Keep the hash of an installation's secret, or find the one that is kept. $1: partition of the
-- installation id. $2: installation id. $3: hash of the secret.
INSERT INTO installation_secrets AS kept (partition, installation_id, secret_hash, made_at_ms)
SELECT $1, $2, $3, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
ON CONFLICT (partition, installation_id) DO UPDATE SET secret_hash = kept.secret_hash
RETURNING secret_hash, made_at_ms
