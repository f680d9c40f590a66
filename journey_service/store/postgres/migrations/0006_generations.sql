-- Generations that are filled beside the live one, compared and switched to; which one is live stands
-- in one row for each version of the fold.
ALTER TABLE projections ADD COLUMN status text COLLATE "C" NOT NULL DEFAULT 'live';

ALTER TABLE projections ADD COLUMN drop_at_ms bigint NOT NULL DEFAULT 0;

-- The generation that processes with this version of the fold read and fold on.
CREATE TABLE live_generations (
    projection text COLLATE "C" NOT NULL,
    fold_version int NOT NULL,
    generation int NOT NULL,
    CONSTRAINT live_generations_key PRIMARY KEY (projection, fold_version)
) WITH (fillfactor = 50);

INSERT INTO live_generations (projection, fold_version, generation)
SELECT projection, fold_version, max(generation)
FROM projections
GROUP BY projection, fold_version;

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
