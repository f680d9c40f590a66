-- A database of its own on the same server, for the `eventsourcing` library.
CREATE DATABASE bench_library;
