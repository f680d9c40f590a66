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
