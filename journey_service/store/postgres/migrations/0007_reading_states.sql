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
