-- Leases: who is the active device of each journey, in the partition of the subject; `state` holds the
-- installation and the latest grants. Changed under the partition's head, or ended early.
CREATE TABLE leases (
    partition int NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    journey_id text COLLATE "C" NOT NULL,
    epoch int NOT NULL,
    until_ms bigint NOT NULL,
    granted_ms bigint NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT leases_key PRIMARY KEY (partition, subject_id, kind, journey_id)
) WITH (fillfactor = 80);

-- Groups with a limit of active devices: a row to lock, in the partition of the group's name.
CREATE TABLE limit_groups (
    partition int NOT NULL,
    limit_group text COLLATE "C" NOT NULL,
    CONSTRAINT limit_groups_key PRIMARY KEY (partition, limit_group)
);

-- Leases that count for a limit group.
CREATE TABLE group_leases (
    partition int NOT NULL,
    limit_group text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    journey_id text COLLATE "C" NOT NULL,
    installation_id text COLLATE "C" NOT NULL,
    granted_ms bigint NOT NULL,
    until_ms bigint NOT NULL,
    CONSTRAINT group_leases_key PRIMARY KEY (partition, limit_group, kind, subject_id, journey_id)
) WITH (fillfactor = 80);
