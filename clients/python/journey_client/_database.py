"""The file in which a device keeps queue and copy: SQLite, one process, one writer.

A commit is on the disk when it returns (WAL, synchronous FULL). A file that is torn, of another
schema, or unreadable is moved aside and said so; the device goes on as a new installation.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from journey_client._error import StoreInUse

_log = logging.getLogger("journey_client")
SCHEMA = 1
APPLICATION_ID = 0x4A4E5259
SIDE_FILES = ("-wal", "-shm", "-journal")


@cache
def statement(name: str) -> str:
    """The statement of that name; one file holds one."""
    return (files("journey_client") / "statements" / f"{name}.sql").read_text("utf-8")


class Damaged(Exception):
    """What the file holds cannot be trusted."""


class Database:
    """The open file. `lost` says what became of an earlier file that could not be read."""

    def __init__(self, connection: sqlite3.Connection, lock: int, lost: str) -> None:
        self._connection = connection
        self._lock = lock
        self.lost = lost

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or make the file; raises StoreInUse if another process has it open."""
        path.parent.mkdir(parents=True, exist_ok=True)
        lock, lost = _lock(path), ""
        try:
            try:
                connection = _connect(path)
            except (sqlite3.DatabaseError, Damaged) as error:
                lost = _move_aside(path, str(error))
                connection = _connect(path)
        except BaseException:
            os.close(lock)
            raise
        return cls(connection, lock, lost)

    @classmethod
    def set_aside(cls, path: Path, why: str) -> Self:
        """Move a closed file aside and begin with an empty one."""
        lost = _move_aside(path, why)
        opened = cls.open(path)
        opened.lost = lost
        return opened

    def close(self) -> None:
        """Close the file and let others have it."""
        self._connection.close()
        lock, self._lock = self._lock, -1
        if lock >= 0:
            os.close(lock)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Self]:
        """All or nothing, on the disk at the end."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def run(self, name: str, /, **values: Any) -> int:
        """Run a statement; returns how many rows it changed."""
        return self._connection.execute(statement(name), values).rowcount

    def rows(self, name: str, /, **values: Any) -> list[Mapping[str, Any]]:
        """The rows of a statement, by column."""
        return self._connection.execute(statement(name), values).fetchall()

    def one(self, name: str, /, **values: Any) -> Mapping[str, Any] | None:
        """The first row of a statement."""
        found = self.rows(name, **values)
        return found[0] if found else None


def _lock(path: Path) -> int:
    """Only one process has the file; the lock ends with the process, however that ends."""
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise StoreInUse(
            f"{path} is in use: give this process a file of its own, it is another installation"
        ) from error
    return lock


def _connect(path: Path) -> sqlite3.Connection:
    # Only one thread at a time works with it, but not always the same one.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        _check(connection)
    except BaseException:
        connection.close()
        raise
    path.chmod(0o600)
    return connection


def _check(connection: sqlite3.Connection) -> None:
    """Whole and of this schema, or new. Raises Damaged and what SQLite says of torn files."""
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute(statement("count_tables")).fetchone()
    if not schema and not tables:
        _make(connection)
        return
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID or schema != SCHEMA:
        raise Damaged(f"schema {schema} of application {application:#x} is not read here")
    (found,) = connection.execute(statement("check")).fetchone()
    if found != "ok":
        raise Damaged(str(found))


def _make(connection: sqlite3.Connection) -> None:
    """All tables and their version at once, so that a kill leaves a whole file or an empty one."""
    marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA};"
    connection.executescript(f"BEGIN IMMEDIATE; {statement('make_tables')} {marks} COMMIT;")


def _move_aside(path: Path, why: str) -> str:
    """Keep what cannot be read under another name; returns what to tell."""
    aside = path.with_name(f"{path.name}.unreadable-{time.time_ns()}")
    for suffix in ("", *SIDE_FILES):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    lost = f"{path} cannot be read ({why}); it is kept as {aside.name}"
    _log.error("%s. This device goes on as a new installation; what was unsent is in there.", lost)
    return lost
