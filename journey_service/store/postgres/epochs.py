"""Epochs of the journal (rule R6): a new one when the server is on another timeline than before."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from journey_service.store.placing import MAX_INT64
from journey_service.store.postgres import sql
from journey_service.store.postgres.migrate import new_id
from journey_service.store.postgres.pool import Connection


class Epoch(NamedTuple):
    """A stretch of the journal's life; `heads` is where each partition stood when it began."""

    number: int
    epoch: str
    timeline: int
    heads: tuple[int, ...]


class Epochs:
    """All epochs, as last read."""

    def __init__(self) -> None:
        # Called when another epoch is in force.
        self.changed: Callable[[], None] = lambda: None
        self.all: tuple[Epoch, ...] = ()

    @property
    def current(self) -> Epoch:
        """The one in force."""
        return self.all[-1]

    def kept(self, epoch: str, partition: int) -> int | None:
        """Last position that a place of this epoch may name; None for an epoch not known here."""
        names = [one.epoch for one in self.all]
        if epoch not in names:
            return None
        later = self.all[names.index(epoch) + 1 :]
        return min((one.heads[partition] for one in later), default=MAX_INT64)

    async def follow(self, connection: Connection, timeline: int) -> None:
        """Open or learn of an epoch; called with every new connection, before its first write."""
        if self.all and self.current.timeline == timeline:
            return
        await self.learn(connection)
        if self.current.timeline != timeline:
            await connection.execute(
                sql.statement("open_epoch"), self.current.number, new_id(), timeline
            )
            await self.learn(connection)

    async def learn(self, connection: Connection) -> None:
        """Read them anew; another process may have opened one."""
        before = self.all
        rows = await connection.fetch(sql.statement("read_epochs"))
        self.all = tuple(
            Epoch(row["number"], row["epoch"], row["timeline"], tuple(row["heads"])) for row in rows
        )
        if [one.epoch for one in self.all] != [one.epoch for one in before]:
            self.changed()
