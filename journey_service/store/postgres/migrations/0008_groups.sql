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
-- a group's deliveries moves `revision`; up to `replayed_to` was delivered before a seek.
CREATE TABLE group_progress (
    partition int NOT NULL,
    group_id text COLLATE "C" NOT NULL,
    checkpoint bigint NOT NULL,
    owner text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    revision bigint NOT NULL,
    replayed_to bigint NOT NULL,
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
