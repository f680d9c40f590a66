"""What the customer sees, and who is told when it changes: one repaint for each change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Generic, TypeVar

from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import Lease
from journey.v1.sessions_pb2 import PresentSession
from journey_client._copy import Copy, JourneyKey
from journey_client._kept import Item
from journey_client._optimism import Self, continue_list, shown_journeys
from journey_client.connection import Connection
from journey_client.view import View, entries

T = TypeVar("T")
Observer = Callable[[View], None]


class Screen:
    """The copy as it is on the disk, own interactions on top, and the view made of both."""

    def __init__(self, copy: Copy, own: Self, now_ms: Callable[[], int]) -> None:
        self.own = own
        self.view = View()
        self._now_ms = now_ms
        self._observers: list[Observer] = []
        self.take(copy)

    def take(self, copy: Copy) -> None:
        """The copy, as it stands on the disk now."""
        self.journeys: dict[JourneyKey, Journey] = dict(copy.journeys)
        self.token = copy.token
        self._continue_keys = copy.continue_keys
        self._leases: dict[JourneyKey, Lease] = dict(copy.leases)
        self.truncated = copy.truncated

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Call it at every repaint; the returned function ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def paint(
        self, items: Iterable[Item], connection: Connection, presence: tuple[PresentSession, ...]
    ) -> None:
        """Show copy, own interactions and connection; nobody is told of what is the same."""
        before, on_top = self.view, list(items)
        shown = shown_journeys(self.journeys, on_top, self.own) if on_top else self.journeys
        kept = {key: _same(before.journeys.get(key), journey) for key, journey in shown.items()}
        view = View(
            journeys=kept,
            continue_list=self._listed(kept, own_effects=kept.keys() if on_top else ()),
            changed=frozenset(k for k, it in kept.items() if before.journeys.get(k) is not it),
            removed=frozenset(before.journeys.keys() - kept.keys()),
            leases=self._leases,
            presence=presence,
            connection=connection,
            token=self.token,
            truncated=self.truncated,
        )
        if _looks(view) != _looks(before):
            self.view = view
            for observer in tuple(self._observers):
                observer(view)

    def _listed(
        self, journeys: dict[JourneyKey, Journey], own_effects: Iterable[JourneyKey]
    ) -> tuple[Journey, ...]:
        keys = continue_list(journeys, self._now_ms()) if own_effects else self._continue_keys
        return entries(journeys, keys)


def _same(before: Journey | None, now: Journey) -> Journey:
    """The object that was shown before, if it says the same."""
    return before if before == now and before is not None else now


def _looks(view: View) -> tuple[object, ...]:
    """What of a view can be seen."""
    return (
        view.journeys,
        view.continue_list,
        view.leases,
        view.presence,
        view.connection,
        view.token,
        view.truncated,
    )


class Inbox(Generic[T]):
    """Things to be told, one after the other, to whoever iterates."""

    def __init__(self) -> None:
        self._waiting: list[T] = []
        self._news = asyncio.Event()
        self._closed = False

    def put(self, thing: T) -> None:
        """One more."""
        self._waiting.append(thing)
        self._news.set()

    def close(self) -> None:
        """Nothing more comes."""
        self._closed = True
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[T]:
        while True:
            while self._waiting:
                yield self._waiting.pop(0)
            if self._closed:
                return
            self._news.clear()
            await self._news.wait()
