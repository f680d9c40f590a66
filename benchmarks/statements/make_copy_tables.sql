-- Tables like the journal's, with the same keys and indexes, for the bare COPY.
CREATE SCHEMA bench;
CREATE TABLE bench.as_journal (LIKE public.events INCLUDING ALL);
CREATE TABLE bench.large (LIKE public.events INCLUDING ALL);
