"""Subscribe: events from a place on, and what is recorded from then on, over all reconnects.

    async for event in client.subscribe("billing", store=FileCheckpoints("billing.json")):
        await bill(event)

The place is stored when the body is done with all events of a batch, and when nothing matched for
a while; whoever stops in between gets them again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from journey.v1.events_pb2 import Event
from journey.v1.subscription_service_pb2 import SubscribeRequest
from journey_client._error import JourneyError
from journey_client._methods import SUBSCRIBE
from journey_client._pieces import Piece, Pieces
from journey_client._streams import Interrupted, reopened

_PROGRESS = frozenset({"batch", "caught_up"})


@dataclass(slots=True)
class Batch(Piece):
    """Events in order within each partition, and the checkpoint after them."""

    events: tuple[Event, ...]


@dataclass(slots=True)
class Subscription(Pieces[Batch]):
    """A subscription; iterate it for events, or its `batches()`. It goes on for ever.

    `live` says whether it is level with the journal, `lag_events` how many events the service had
    not sent by its last heartbeat (-1 = unknown), `interrupted_by` what ended the stream that is
    being opened again (`on_interrupted` is told), `checkpoint` where it stands. Raises the
    JourneyError that makes further tries useless: Replaced, TokenMismatch, CheckpointAhead,
    JournalRewound, …
    """

    _wanted: SubscribeRequest
    # Called with what broke, whenever a stream is to be opened again.
    on_interrupted: Callable[[JourneyError], None] | None = None

    @property
    def consumer(self) -> str:
        """Its name."""
        return self._wanted.consumer

    def __aiter__(self) -> AsyncIterator[Event]:
        """The events, one by one."""
        return self._events()

    async def _events(self) -> AsyncIterator[Event]:
        async for batch in self.batches():
            for event in batch.events:
                yield event

    def batches(self, *, empty: bool = False) -> AsyncIterator[Batch]:
        """The events as they come, up to 500 at once, so that many are handled together.

        `empty`: also one without events when it is level, and where nothing matched for a while.
        """
        told = _PROGRESS | {"heartbeat"} if empty else frozenset({"batch"})
        return self._begun(self._batches(told))

    async def _batches(self, told: frozenset[str]) -> AsyncGenerator[Batch]:
        self.checkpoint = await self._store.load(self.consumer)
        frames = reopened(self._calls, SUBSCRIBE, self._request, progress=_PROGRESS)
        async with aclosing(frames):
            async for frame in frames:
                if isinstance(frame, Interrupted):
                    self._interrupted(frame.why)
                    continue
                content = frame.WhichOneof("content")
                if content == "opened":
                    self.interrupted_by = None
                elif content == "caught_up":
                    self.live, self.lag_events = True, 0
                elif content == "heartbeat":
                    self.lag_events = frame.heartbeat.lag_events
                batch = Batch(
                    frame.checkpoint, self.consumer, self._store, tuple(frame.batch.events)
                )
                if content in told:
                    yield batch
                await self._done(batch)

    def _interrupted(self, why: JourneyError) -> None:
        self.live, self.interrupted_by = False, why
        if self.on_interrupted is not None:
            self.on_interrupted(why)

    def _request(self) -> SubscribeRequest:
        """What to ask for: behind the checkpoint as soon as there is one."""
        asked = SubscribeRequest()
        asked.CopyFrom(self._wanted)
        if self.checkpoint:
            asked.start.checkpoint = self.checkpoint
        return asked
