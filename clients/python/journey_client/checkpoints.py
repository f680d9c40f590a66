"""Where a subscriber keeps its place: in memory, in a file, or beside its own rows in PostgreSQL.

A checkpoint is stored after the body that handled its events ran, so a subscriber that is killed
gets again what it had not finished, and misses nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import threading
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol


class CheckpointStore(Protocol):
    """Keeps the checkpoint of each consumer by name."""

    async def load(self, consumer: str) -> str:
        """The checkpoint stored last; empty where there is none."""

    async def save(self, consumer: str, checkpoint: str) -> None:
        """Store it; durable, as far as this store is, when it returns."""


# A file is read, changed and replaced; of two at once the slower would take the other's entry back.
_REPLACING = threading.Lock()


class MemoryCheckpoints:
    """For this process alone: a subscriber that starts anew begins where `start` says."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    async def load(self, consumer: str) -> str:
        """See CheckpointStore."""
        return self._kept.get(consumer, "")

    async def save(self, consumer: str, checkpoint: str) -> None:
        """See CheckpointStore."""
        self._kept[consumer] = checkpoint


class FileCheckpoints:
    """In a JSON file, an entry for each consumer; for one process at a time.

    It is replaced whole, after the new one is on disk: a crash leaves the old one or the new one.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    async def load(self, consumer: str) -> str:
        """See CheckpointStore. Raises ValueError where the file holds something else."""
        return (await asyncio.to_thread(self._read)).get(consumer, "")

    async def save(self, consumer: str, checkpoint: str) -> None:
        """See CheckpointStore."""
        await asyncio.to_thread(self._save, consumer, checkpoint)

    def _read(self) -> dict[str, str]:
        try:
            kept = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise ValueError(f"{self.path} is no file of checkpoints: {error}") from None
        if not isinstance(kept, dict) or not all(isinstance(each, str) for each in kept.values()):
            raise ValueError(f"{self.path} is no file of checkpoints")
        return kept

    def _save(self, consumer: str, checkpoint: str) -> None:
        with _REPLACING:
            self._write(consumer, checkpoint)

    def _write(self, consumer: str, checkpoint: str) -> None:
        kept = {**self._read(), consumer: checkpoint}
        folder = self.path.parent
        handle, name = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(kept, file, indent=1)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(folder)


class PostgresCheckpoints:
    """In a table of the subscriber's own database, through asyncpg.

    `connection` is a connection or a pool. With the connection of an open transaction the place
    moves with the subscriber's own rows or not at all, so effects there happen exactly once:

        async for batch in client.subscribe("billing", store=PostgresCheckpoints(pool)).batches():
            async with pool.acquire() as connection, connection.transaction():
                ...                                          # own rows
                await batch.save(PostgresCheckpoints(connection))
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def make_table(self) -> None:
        """Make the table journey_checkpoints, unless it is there."""
        await self._connection.execute(_statement("make_checkpoints"))

    async def load(self, consumer: str) -> str:
        """See CheckpointStore."""
        return await self._connection.fetchval(_statement("load_checkpoint"), consumer) or ""

    async def save(self, consumer: str, checkpoint: str) -> None:
        """See CheckpointStore; in a transaction that is open it counts when that is committed."""
        await self._connection.execute(_statement("save_checkpoint"), consumer, checkpoint)


@cache
def _statement(name: str) -> str:
    return (files("journey_client") / "statements" / f"{name}.sql").read_text("utf-8")


def _sync_folder(folder: Path) -> None:
    """Make a new name durable, where folders can be synced."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
