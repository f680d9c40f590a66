"""Subscribe: events from a place on, and what is recorded from then on, over all reconnects.

    async for event in client.subscribe("billing", store=FileCheckpoints("billing.json")):
        await bill(event)

The place is stored when the body is done with all events of a batch, and when nothing matched for
a while; whoever stops in between gets them again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from journey.v1.events_pb2 import Event
from journey.v1.subscription_service_pb2 import SubscribeRequest
from journey_client._calls import Calls
from journey_client._error import JourneyError
from journey_client._methods import SUBSCRIBE
from journey_client._streams import Interrupted, reopened
from journey_client.checkpoints import CheckpointStore

_PROGRESS = frozenset({"batch", "caught_up"})


@dataclass(slots=True)
class Batch:
    """Events in order within each partition, and the checkpoint after them."""

    events: tuple[Event, ...]
    checkpoint: str
    _consumer: str
    _store: CheckpointStore
    _saved: bool = False

    async def save(self, store: CheckpointStore | None = None) -> None:
        """Store the checkpoint now, instead of after the body; in `store`, if one is given, such
        as PostgresCheckpoints of the connection whose transaction is open."""
        await (store or self._store).save(self._consumer, self.checkpoint)
        self._saved = True

    async def done(self) -> None:
        """The body is done: store the checkpoint, unless it is stored."""
        if not self._saved:
            await self.save()


@dataclass(slots=True)
class Subscription:
    """A subscription; iterate it for events, or its `batches()`. It goes on for ever.

    `live` says whether it is level with the journal, `lag_events` how many events the service had
    not sent by its last heartbeat (-1 = unknown), `interrupted_by` what ended the stream that is
    being opened again (`on_interrupted` is told), `checkpoint` where it stands. Raises the
    JourneyError that makes further tries useless: Replaced, TokenMismatch, CheckpointAhead,
    JournalRewound, …
    """

    _calls: Calls
    _wanted: SubscribeRequest
    _store: CheckpointStore
    live: bool = False
    lag_events: int = -1
    interrupted_by: JourneyError | None = None
    checkpoint: str = ""
    # Called with what broke, whenever a stream is to be opened again.
    on_interrupted: Callable[[JourneyError], None] | None = None
    _open: list[AsyncGenerator[Batch]] = field(default_factory=list)

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
        batches = self._batches(_PROGRESS | {"heartbeat"} if empty else frozenset({"batch"}))
        self._open.append(batches)
        return batches

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
                    tuple(frame.batch.events), frame.checkpoint, self.consumer, self._store
                )
                if content in told:
                    yield batch
                await self._done(batch)

    def _interrupted(self, why: JourneyError) -> None:
        self.live, self.interrupted_by = False, why
        if self.on_interrupted is not None:
            self.on_interrupted(why)

    async def _done(self, batch: Batch) -> None:
        if batch.checkpoint and batch.checkpoint != self.checkpoint:
            await batch.done()
            self.checkpoint = batch.checkpoint

    def _request(self) -> SubscribeRequest:
        """What to ask for: behind the checkpoint as soon as there is one."""
        asked = SubscribeRequest()
        asked.CopyFrom(self._wanted)
        if self.checkpoint:
            asked.start.checkpoint = self.checkpoint
        return asked

    async def close(self) -> None:
        """End the stream; what the body has not finished is sent again to who subscribes next."""
        opened, self._open = self._open, []
        for batches in opened:
            await batches.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
