-- The keyed hash of the secret by which an installation of visitors is known again, in the partition of
-- the installation's id. It never changes.
CREATE TABLE installation_secrets (
    partition int NOT NULL,
    installation_id text COLLATE "C" NOT NULL,
    secret_hash text COLLATE "C" NOT NULL,
    made_at_ms bigint NOT NULL,
    CONSTRAINT installation_secrets_key PRIMARY KEY (partition, installation_id)
);
