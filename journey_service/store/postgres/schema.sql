-- The whole schema, as all migrations together make it; a test compares both.

-- Which of these files were carried out, with the checksum of what they said then.
CREATE TABLE migrations (
    number int NOT NULL PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    state text NOT NULL,
    finished_at_ms bigint NOT NULL
);

-- One row: what was chosen when the database was made and never changes. `identity_check` tells the
-- journal's identity key from another one, null = no start brought one yet.
CREATE TABLE journal (
    journal_id text NOT NULL PRIMARY KEY,
    partition_count int NOT NULL,
    created_at_ms bigint NOT NULL,
    identity_check bytea
);

-- Opened at restore and failover; `heads` is where each partition stood then.
CREATE TABLE epochs (
    number int NOT NULL PRIMARY KEY,
    epoch text NOT NULL,
    timeline bigint NOT NULL,
    heads bigint[] NOT NULL,
    opened_at_ms bigint NOT NULL
);

-- The last position of every partition. Appends lock these rows, in order; they are few and hot,
-- so pages keep room for new versions of them.
CREATE TABLE partitions (
    partition int NOT NULL PRIMARY KEY,
    head bigint NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

-- The log. Append-only by privilege. Columns that the `eventsourcing` library knows have its names.
CREATE TABLE events (
    partition int NOT NULL,
    position bigint NOT NULL,
    originator_id text COLLATE "C" NOT NULL,
    originator_version bigint NOT NULL,
    event_id uuid NOT NULL,
    topic text COLLATE "C" NOT NULL,
    recorded_at_ms bigint NOT NULL,
    occurred_ms bigint NOT NULL,
    occurred_counter int NOT NULL,
    installation_id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    key_version int NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT events_position PRIMARY KEY (partition, position),
    CONSTRAINT events_version UNIQUE (partition, originator_id, originator_version),
    CONSTRAINT events_id UNIQUE (partition, originator_id, event_id)
);

-- What is sealed does not compress.
ALTER TABLE events ALTER COLUMN state SET STORAGE EXTERNAL;

CREATE INDEX events_occurrence ON events (partition, originator_id, occurred_ms);

-- Where each stream stands, and its data keys; erased = no keys.
CREATE TABLE subjects (
    partition int NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    floor_ms bigint NOT NULL,
    floor_counter int NOT NULL,
    wrapped_keys bytea[],
    erased_at_ms bigint,
    created_at_ms bigint NOT NULL,
    CONSTRAINT subjects_key PRIMARY KEY (partition, subject_id)
) WITH (fillfactor = 80);

-- Who was erased lately: what others remember of them is forgotten.
CREATE INDEX subjects_erased ON subjects (partition, erased_at_ms) WHERE erased_at_ms IS NOT NULL;

-- The watermark of an installation in a stream: last seq processed, and the stamp of its event.
CREATE TABLE installations (
    partition int NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    installation_id text COLLATE "C" NOT NULL,
    processed_seq bigint NOT NULL,
    previous_ms bigint,
    previous_counter int,
    CONSTRAINT installations_key PRIMARY KEY (partition, subject_id, installation_id)
) WITH (fillfactor = 80);

-- How many transitions a journey's machine has made.
CREATE TABLE machines (
    partition int NOT NULL,
    home text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    journey_id text COLLATE "C" NOT NULL,
    rev bigint NOT NULL,
    CONSTRAINT machines_key PRIMARY KEY (partition, home, kind, journey_id)
) WITH (fillfactor = 80);

-- Generations of projections; a fold of another version fills another generation. `status` is
-- building, live, old, dropping or dropped; old ones are dropped at `drop_at_ms`, 0 = when told.
CREATE TABLE projections (
    projection text COLLATE "C" NOT NULL,
    generation int NOT NULL,
    fold_version int NOT NULL,
    created_at_ms bigint NOT NULL,
    status text COLLATE "C" NOT NULL DEFAULT 'live',
    drop_at_ms bigint NOT NULL DEFAULT 0,
    CONSTRAINT projections_key PRIMARY KEY (projection, generation)
);

-- How far each partition is folded, and who may fold it.
CREATE TABLE checkpoints (
    partition int NOT NULL,
    projection text COLLATE "C" NOT NULL,
    generation int NOT NULL,
    position bigint NOT NULL,
    owner text NOT NULL,
    epoch int NOT NULL,
    expires_at_ms bigint NOT NULL,
    CONSTRAINT checkpoints_key PRIMARY KEY (partition, projection, generation)
) WITH (fillfactor = 50);

-- Folded states, sealed; `version` is the version of the subject they were folded to.
CREATE TABLE states (
    partition int NOT NULL,
    projection text COLLATE "C" NOT NULL,
    generation int NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    key_version int NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT states_key PRIMARY KEY (partition, projection, generation, subject_id, key)
) WITH (fillfactor = 80);

ALTER TABLE states ALTER COLUMN state SET STORAGE EXTERNAL;

-- The version to which all states of a subject are folded.
CREATE TABLE folded (
    partition int NOT NULL,
    projection text COLLATE "C" NOT NULL,
    generation int NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT folded_key PRIMARY KEY (partition, projection, generation, subject_id)
) WITH (fillfactor = 80);

-- What states are found by: keyed hashes of the values of the fields that a projection declares.
CREATE TABLE state_index (
    partition int NOT NULL,
    projection text COLLATE "C" NOT NULL,
    generation int NOT NULL,
    field text COLLATE "C" NOT NULL,
    value bytea NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    CONSTRAINT state_index_key
        PRIMARY KEY (partition, projection, generation, field, value, subject_id, key)
);

CREATE INDEX state_index_states
    ON state_index (partition, projection, generation, subject_id, key);

-- Events at which projections stopped: their partition waits there, the others go on.
CREATE TABLE stopped_folds (
    partition int NOT NULL,
    projection text COLLATE "C" NOT NULL,
    generation int NOT NULL,
    position bigint NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    error text NOT NULL,
    stopped_at_ms bigint NOT NULL,
    CONSTRAINT stopped_folds_key PRIMARY KEY (partition, projection, generation)
);

-- Events that a version of a fold was told to leave out, by whom and why.
CREATE TABLE skipped_events (
    partition int NOT NULL,
    projection text COLLATE "C" NOT NULL,
    fold_version int NOT NULL,
    position bigint NOT NULL,
    reason text NOT NULL,
    actor text COLLATE "C" NOT NULL,
    skipped_at_ms bigint NOT NULL,
    CONSTRAINT skipped_events_key PRIMARY KEY (partition, projection, fold_version, position)
);

-- Sessions, sealed, in the partition of their subject.
CREATE TABLE sessions (
    partition int NOT NULL,
    session_id text COLLATE "C" NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    opened_at_ms bigint NOT NULL,
    ended boolean NOT NULL,
    key_version int NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT sessions_key PRIMARY KEY (partition, session_id)
) WITH (fillfactor = 80);

CREATE INDEX sessions_newest ON sessions (partition, subject_id, opened_at_ms, session_id);

-- The device of each installation that had a session of a subject, sealed, and how it stands.
CREATE TABLE installation_devices (
    partition int NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    installation_id text COLLATE "C" NOT NULL,
    key_version int NOT NULL,
    state bytea NOT NULL,
    status int NOT NULL DEFAULT 1,
    signed_out_ms bigint NOT NULL DEFAULT 0,
    last_seen_ms bigint NOT NULL DEFAULT 0,
    guest boolean NOT NULL DEFAULT false,
    CONSTRAINT installation_devices_key PRIMARY KEY (partition, subject_id, installation_id)
) WITH (fillfactor = 80);

-- Sign-in epoch and standing of an installation, in the partition of the installation's own id.
CREATE TABLE installation_epochs (
    partition int NOT NULL,
    installation_id text COLLATE "C" NOT NULL,
    epoch int NOT NULL,
    status int NOT NULL,
    CONSTRAINT installation_epochs_key PRIMARY KEY (partition, installation_id)
) WITH (fillfactor = 80);

-- Answers of repeatable calls, sealed under their subject's key, in the partition of the command id.
CREATE TABLE commands (
    partition int NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    caller text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    key_version int NOT NULL,
    state bytea NOT NULL,
    expires_at_ms bigint NOT NULL,
    CONSTRAINT commands_key PRIMARY KEY (partition, command_id, caller)
);

CREATE INDEX commands_expiry ON commands (partition, expires_at_ms);

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

-- The generation that processes with this version of the fold read and fold on.
CREATE TABLE live_generations (
    projection text COLLATE "C" NOT NULL,
    fold_version int NOT NULL,
    generation int NOT NULL,
    CONSTRAINT live_generations_key PRIMARY KEY (projection, fold_version)
) WITH (fillfactor = 50);

-- Rebuilds, each of one generation: from which it differs how, and how far its partitions have to be
-- folded (`targets`, by partition) before it can be switched to.
CREATE TABLE rebuilds (
    projection text COLLATE "C" NOT NULL,
    generation int NOT NULL,
    fold_version int NOT NULL,
    base_generation int NOT NULL,
    base_version int NOT NULL,
    status text COLLATE "C" NOT NULL,
    automatic boolean NOT NULL,
    dry_run boolean NOT NULL,
    keep_old_ms bigint NOT NULL,
    targets bigint[] NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    caller text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    error_reason int NOT NULL,
    error text NOT NULL,
    started_at_ms bigint NOT NULL,
    ended_at_ms bigint NOT NULL,
    CONSTRAINT rebuilds_key PRIMARY KEY (projection, generation)
) WITH (fillfactor = 50);

-- What comparing one partition of a generation with the one it was to replace has found: names of
-- fields and of states, never what they hold.
CREATE TABLE comparisons (
    partition int NOT NULL,
    projection text COLLATE "C" NOT NULL,
    generation int NOT NULL,
    result bytea NOT NULL,
    CONSTRAINT comparisons_key PRIMARY KEY (partition, projection, generation)
);

-- Groups of competing consumers, in the partition of their id; `settings` is a message without what
-- is counted. `revision` rises with the settings, `epoch` with every change of who has what.
CREATE TABLE consumer_groups (
    partition int NOT NULL,
    group_id text COLLATE "C" NOT NULL,
    settings bytea NOT NULL,
    revision bigint NOT NULL,
    epoch bigint NOT NULL,
    created_at_ms bigint NOT NULL,
    CONSTRAINT consumer_groups_key PRIMARY KEY (partition, group_id)
) WITH (fillfactor = 80);

-- Live consumers of a group, in the partition of the group's id. Gone with a crash, and found again
-- when their processes tell of them.
CREATE UNLOGGED TABLE group_consumers (
    partition int NOT NULL,
    group_id text COLLATE "C" NOT NULL,
    consumer_id text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    until_ms bigint NOT NULL,
    CONSTRAINT group_consumers_key PRIMARY KEY (partition, group_id, consumer_id)
) WITH (fillfactor = 50);

-- How far a group is in each partition of the journal, and whose that partition is. Every write to
-- a group's deliveries moves `revision`; up to `replayed_to` was delivered before a seek. A range that
-- comes once more lies behind `again_from` up to `again_to`; of the rest up to `resume_at`, where the
-- group stood before, comes only what has a delivery.
CREATE TABLE group_progress (
    partition int NOT NULL,
    group_id text COLLATE "C" NOT NULL,
    checkpoint bigint NOT NULL,
    owner text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    revision bigint NOT NULL,
    replayed_to bigint NOT NULL,
    again_from bigint NOT NULL DEFAULT 0,
    again_to bigint NOT NULL DEFAULT 0,
    resume_at bigint NOT NULL DEFAULT 0,
    CONSTRAINT group_progress_key PRIMARY KEY (partition, group_id)
) WITH (fillfactor = 50);

-- How single events stand with a group, by reference: 1 waiting, 2 out, 3 settled behind one that is
-- not, 4 held behind a parked one, 5 parked. `reason`, of parked ones, is sealed under the key of the
-- subject, so that what is erased stays erased.
CREATE TABLE deliveries (
    partition int NOT NULL,
    group_id text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    standing int NOT NULL,
    attempt int NOT NULL,
    due_ms bigint NOT NULL,
    consumer_id text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    first_ms bigint NOT NULL,
    replayed boolean NOT NULL,
    replaying boolean NOT NULL,
    topic text COLLATE "C" NOT NULL,
    key_version int NOT NULL,
    reason bytea,
    CONSTRAINT deliveries_key PRIMARY KEY (partition, group_id, position)
) WITH (fillfactor = 50);

CREATE INDEX deliveries_out ON deliveries (partition, group_id) WHERE standing = 2;

CREATE INDEX deliveries_aside ON deliveries (partition, group_id, subject_id) WHERE standing >= 4;

-- The keyed hash of the secret by which an installation of visitors is known again, in the partition of
-- the installation's id. It never changes.
CREATE TABLE installation_secrets (
    partition int NOT NULL,
    installation_id text COLLATE "C" NOT NULL,
    secret_hash text COLLATE "C" NOT NULL,
    made_at_ms bigint NOT NULL,
    CONSTRAINT installation_secrets_key PRIMARY KEY (partition, installation_id)
);

-- Subjects that are one customer with others, in the partition of the subject. `subject_ids` are all
-- members, its own among them, so that a read of one subject knows them by one key; `membership`
-- counts the links that were made among them. A subject that is linked to nobody has no row.
CREATE TABLE members (
    partition int NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    registered boolean NOT NULL,
    created_at_ms bigint NOT NULL,
    subject_ids text[] COLLATE "C" NOT NULL,
    membership bigint NOT NULL,
    CONSTRAINT members_key PRIMARY KEY (partition, subject_id)
) WITH (fillfactor = 80);

-- Links between subjects, a row at each end, in the partition of that end. What speaks for a link
-- stands, sealed, in its event: here is its kind alone. `revoked_at_ms` 0 = it holds.
CREATE TABLE links (
    partition int NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    link_id uuid NOT NULL,
    other_subject_id text COLLATE "C" NOT NULL,
    evidence int NOT NULL,
    assurance int NOT NULL,
    made_at_ms bigint NOT NULL,
    revoked_at_ms bigint NOT NULL,
    CONSTRAINT links_key PRIMARY KEY (partition, subject_id, link_id)
);
