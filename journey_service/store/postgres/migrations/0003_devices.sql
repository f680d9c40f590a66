-- Devices: how each installation of a subject stands, who is present, what devices are told to do,
-- and codes with which another device takes over.
ALTER TABLE installation_devices
    ADD COLUMN status int NOT NULL DEFAULT 1,
    ADD COLUMN signed_out_ms bigint NOT NULL DEFAULT 0,
    ADD COLUMN last_seen_ms bigint NOT NULL DEFAULT 0;

-- Until when each session counts as present. Gone with a crash, and found again within a minute.
CREATE UNLOGGED TABLE presence (
    partition int NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    session_id text COLLATE "C" NOT NULL,
    until_ms bigint NOT NULL,
    CONSTRAINT presence_key PRIMARY KEY (partition, subject_id, session_id)
) WITH (fillfactor = 50);

-- What installations are told to do, sealed, in the partition of their subject; answered once.
CREATE TABLE device_commands (
    partition int NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    installation_id text COLLATE "C" NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    expires_at_ms bigint NOT NULL,
    answered boolean NOT NULL,
    done boolean NOT NULL,
    key_version int NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT device_commands_key PRIMARY KEY (partition, subject_id, installation_id, command_id)
) WITH (fillfactor = 80);

CREATE INDEX device_commands_expiry ON device_commands (partition, expires_at_ms);

-- Handoffs, sealed under their issuer's key, in the partition of their own id.
CREATE TABLE handoffs (
    partition int NOT NULL,
    handoff_id text COLLATE "C" NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    expires_at_ms bigint NOT NULL,
    claimed_by text COLLATE "C" NOT NULL,
    key_version int NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT handoffs_key PRIMARY KEY (partition, handoff_id)
) WITH (fillfactor = 80);

CREATE INDEX handoffs_expiry ON handoffs (partition, expires_at_ms);

-- Which handoff a code belongs to, by the hash of the code, in the partition of that hash.
CREATE TABLE handoff_codes (
    partition int NOT NULL,
    code_hash text COLLATE "C" NOT NULL,
    handoff_id text COLLATE "C" NOT NULL,
    expires_at_ms bigint NOT NULL,
    CONSTRAINT handoff_codes_key PRIMARY KEY (partition, code_hash)
);

CREATE INDEX handoff_codes_expiry ON handoff_codes (partition, expires_at_ms);

-- How often each claimer named a code that is none, until when that counts.
CREATE TABLE handoff_tries (
    partition int NOT NULL,
    claimer text COLLATE "C" NOT NULL,
    tries int NOT NULL,
    until_ms bigint NOT NULL,
    CONSTRAINT handoff_tries_key PRIMARY KEY (partition, claimer)
) WITH (fillfactor = 80);
