-- Makes the tables of a new local store: one installation, its queue, and the copy of a customer.
CREATE TABLE facts (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE accounts (
    account TEXT PRIMARY KEY,
    subject_id TEXT NOT NULL,
    epoch INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE lines (
    subject_id TEXT PRIMARY KEY,
    next_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE items (
    item_no INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    event_id TEXT NOT NULL UNIQUE,
    seq INTEGER,
    run_id TEXT NOT NULL,
    point_ms INTEGER NOT NULL,
    t_ms INTEGER NOT NULL,
    size INTEGER NOT NULL,
    content BLOB NOT NULL,
    crc INTEGER NOT NULL,
    waiting INTEGER NOT NULL DEFAULT 1,
    shown INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX items_in_line ON items (subject_id, waiting, seq, item_no);
CREATE TABLE journeys (
    kind TEXT NOT NULL,
    journey_id TEXT NOT NULL,
    state BLOB NOT NULL,
    lease BLOB,
    PRIMARY KEY (kind, journey_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE processed (
    subject_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (subject_id, epoch)
) STRICT, WITHOUT ROWID;
CREATE TABLE refusals (event_id TEXT PRIMARY KEY, interaction BLOB NOT NULL, result BLOB NOT NULL) STRICT;
CREATE TABLE commands (command_id TEXT PRIMARY KEY, command BLOB NOT NULL, result BLOB, told INTEGER NOT NULL) STRICT;
