"""The groups that are served in this process: a desk for each, while anybody needs it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from journey.v1.stream_pb2 import GoingAwayReason
from journey_service.application.group_backlog import Backlogs
from journey_service.application.group_desk import Desk
from journey_service.application.group_round import Supplies
from journey_service.application.group_seats import Seat
from journey_service.domain.errors import Draining
from journey_service.ports_of_groups import Groups


class Desks:
    """One desk a group."""

    def __init__(self, supplies: Supplies) -> None:
        self._supplies = supplies
        self.backlogs = Backlogs(supplies.journal, supplies.settings.group_count_events)
        self._open: dict[str, Desk] = {}
        self._seats: set[Seat] = set()
        self.draining = False

    @property
    def groups(self) -> Groups:
        """Where groups are stored."""
        return self._supplies.groups

    @asynccontextmanager
    async def desk(self, group_id: str) -> AsyncIterator[Desk]:
        """The desk of a group, for as long as it is needed."""
        desk = self._open.get(group_id)
        if desk is None:
            desk = self._open[group_id] = Desk(group_id, self._supplies)
            desk.open()
        desk.users += 1
        try:
            yield desk
        finally:
            desk.users -= 1
            if not desk.users:
                del self._open[group_id]
                await desk.close()

    @asynccontextmanager
    async def seat(self, group_id: str, seat: Seat) -> AsyncIterator[Desk]:
        """The desk of a group, with this consumer at it. Raises Draining."""
        if self.draining:
            raise Draining
        async with self.desk(group_id) as desk:
            desk.sit(seat)
            self._seats.add(seat)
            try:
                yield desk
            finally:
                self._seats.discard(seat)
                await desk.stand_up(seat)

    def look(self, group_id: str) -> None:
        """Something of the group was changed here: what is at hand is compared soon."""
        desk = self._open.get(group_id)
        if desk is not None:
            desk.attend_now()

    def drain(self, reason: GoingAwayReason) -> None:
        """End all streams and refuse new ones."""
        self.draining = True
        for seat in self.seats():
            seat.end(reason)

    def seats(self) -> Iterator[Seat]:
        """All consumers here."""
        yield from tuple(self._seats)
