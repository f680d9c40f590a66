-- The hash of an installation's secret. $1: partition of the installation id. $2: installation id.
SELECT secret_hash, made_at_ms FROM installation_secrets
WHERE partition = $1 AND installation_id = $2
