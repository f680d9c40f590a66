import re

import pytest

from tests.architecture import sql_rules
from tests.architecture.tree import MIGRATIONS, ROOT, STATEMENTS, parse, source_modules, texts

STATEMENT_FILES = sorted(ROOT.glob(STATEMENTS))
MIGRATION_FILES = sorted(ROOT.glob(MIGRATIONS))

# Statements about the database or the whole journal: file stem -> why it names no partition.
WITHOUT_PARTITION: dict[str, str] = {
    "rebuild_begin": "a rebuild is the journal's",
    "drop_done": "a generation is the journal's",
    "drop_generation": "a generation is the journal's",
    "switch_generation": "a switch is the journal's",
    "switch_back": "a switch is the journal's",
    "rebuild_set_status": "a rebuild is the journal's",
    "rebuild_list": "a rebuild is the journal's",
    "rebuild_leave": "a rebuild is the journal's",
    "rebuild_find": "a rebuild is the journal's",
    "list_generations": "a generation is the journal's",
    "check_connection": "about the session and the server",
    "end_backend": "about a server process",
    "find_generation": "a projection is the journal's",
    "find_role": "about the login",
    "lock_migrations": "about the database",
    "migrate_admit_owner": "about the database",
    "migrate_as_owner": "about the transaction",
    "migrate_has_ledger": "about the database",
    "migrate_make_roles": "about the server",
    "migrate_note": "the ledger is the database's",
    "migrate_read_ledger": "the ledger is the database's",
    "migrate_roles": "about the server",
    "migrate_wait_briefly": "about the transaction",
    "note_identity_check": "the one row about the journal",
    "ping": "about the connection",
    "read_epochs": "an epoch is the journal's",
    "read_clock": "about the server",
    "read_identity_check": "the one row about the journal",
    "read_journal": "the one row about the journal",
    "which_backend": "about the connection",
    "send_hint": "the hint names partitions in its text",
}
# Tables about the whole journal: name -> why its keys hold no partition.
WHOLE_JOURNAL_TABLES: dict[str, str] = {
    "epochs": "an epoch begins for all partitions at once",
    "journal": "one row",
    "live_generations": "a switch is for all partitions at once",
    "migrations": "the ledger of the database",
    "projections": "a generation is made for all partitions at once",
    "rebuilds": "a rebuild is of all partitions",
}
SQL_IN_CODE = re.compile(
    r"\s*(SELECT|INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|WITH\s+\w+\s+AS|CREATE|ALTER|DROP|"
    r"LOCK|NOTIFY|LISTEN|COPY|SET|TRUNCATE)\s"
)
# Statements that no file can hold: the start of the text -> why.
SPOKEN_IN_CODE: dict[str, str] = {}


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("BEGIN ISOLATION LEVEL SERIALIZABLE", "SERIALIZABLE"),
        ("SELECT nextval('positions')", "a sequence"),
        ("CREATE TABLE t (partition int, n bigserial)", "a sequence"),
        ("n bigint GENERATED ALWAYS AS IDENTITY", "a sequence"),
        ("SELECT 1; LOCK TABLE events", "LOCK TABLE"),
        ("lock events in share mode", "LOCK TABLE"),
        ("SELECT xmin FROM events WHERE partition = $1", "transaction ids"),
        ("SELECT txid_current()", "transaction ids"),
        ("SELECT pg_current_xact_id()", "transaction ids"),
        ("CREATE TRIGGER t AFTER INSERT ON events", "a trigger"),
        ("CREATE RULE r AS ON DELETE TO events DO NOTHING", "a trigger"),
        ("SET statement_timeout = 5000", "session-level SET"),
        ("SELECT set_config($1, $2, false)", "session-level set_config"),
        ("NOTIFY moved", "NOTIFY"),
        ("SELECT pg_notify($1, $2)", "NOTIFY"),
        ("SELECT pg_advisory_xact_lock($1)", "an advisory lock"),
        ("SELECT pg_try_advisory_lock($1)", "an advisory lock"),
    ],
)
def test_the_sql_rules_find_what_is_forbidden(sql: str, complaint: str) -> None:
    assert sql_rules.forbidden(sql, "read_events") == [complaint]


@pytest.mark.parametrize(
    ("sql", "file_stem"),
    [
        ("SET LOCAL statement_timeout = 5000", "read_events"),
        ("UPDATE partitions SET head = $2 WHERE partition = $1", "advance_head"),
        ("-- never SERIALIZABLE, no trigger\nSELECT 1", "read_events"),
        ("SELECT 'LOCK TABLE' /* xmin */", "read_events"),
        ("SELECT pg_notify($1, $2)", "send_hint"),
        ("SELECT pg_advisory_lock($1)", "lock_migrations"),
        ("SELECT head FROM partitions WHERE partition = $1 FOR UPDATE", "lock_head"),
    ],
)
def test_the_sql_rules_let_pass_what_is_allowed(sql: str, file_stem: str) -> None:
    assert sql_rules.forbidden(sql, file_stem) == []


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("CREATE TABLE a (partition int, n int, PRIMARY KEY (partition, n));", []),
        ("CREATE TABLE b (partition int, n int, PRIMARY KEY (n));", ["b"]),
        ("CREATE TABLE c (n int PRIMARY KEY, partition int);", ["c"]),
        ("CREATE TABLE d (partition int PRIMARY KEY);", []),
        ("CREATE UNIQUE INDEX i ON s.e (subject_id);", ["e"]),
        ("CREATE UNIQUE INDEX i ON f (partition, subject_id);", []),
        ("ALTER TABLE g ADD CONSTRAINT k UNIQUE (event_id);", ["g"]),
        ("CREATE TABLE h (\n  partition int,\n  n int UNIQUE\n)\nWITH (fillfactor = 50);", ["h"]),
    ],
)
def test_the_sql_rules_find_unique_keys_without_the_partition(sql: str, tables: list[str]) -> None:
    assert sql_rules.keys_without_partition(sql) == tables


def test_a_window_over_partitions_does_not_count_as_binding_one() -> None:
    assert not sql_rules.binds_partition("SELECT rank() OVER (PARTITION BY subject_id) FROM events")


def test_there_are_statements_and_migrations_to_look_at() -> None:
    assert STATEMENT_FILES
    assert MIGRATION_FILES


def test_no_sql_file_says_what_is_forbidden() -> None:
    complaints = {
        str(path.relative_to(ROOT)): found
        for path in [*STATEMENT_FILES, *MIGRATION_FILES]
        if (found := sql_rules.forbidden(path.read_text(), path.stem))
    }
    assert complaints == {}


def test_every_statement_binds_its_partition_or_is_named_with_a_reason() -> None:
    unbound = {
        path.stem for path in STATEMENT_FILES if not sql_rules.binds_partition(path.read_text())
    }
    assert unbound == set(WITHOUT_PARTITION)


def test_every_unique_key_holds_the_partition_or_its_table_is_named_with_a_reason() -> None:
    tables = {
        table
        for path in MIGRATION_FILES
        for table in sql_rules.keys_without_partition(path.read_text())
    }
    assert tables == set(WHOLE_JOURNAL_TABLES)


def test_every_sql_file_begins_with_a_comment_on_its_purpose() -> None:
    bare = [
        str(path.relative_to(ROOT))
        for path in [*STATEMENT_FILES, *MIGRATION_FILES]
        if not path.read_text().startswith("-- ")
    ]
    assert bare == []


def test_no_module_of_the_service_holds_sql() -> None:
    excepted = tuple(SPOKEN_IN_CODE)
    spoken = {
        f"{module}: {text.strip()[:60]}"
        for module in source_modules()
        for text in texts(parse(module))
        if SQL_IN_CODE.match(text) and not text.strip().startswith(excepted)
    }
    assert spoken == set()
