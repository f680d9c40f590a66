"""The events of a customer, played at a chosen pace, with the state after each.

opened → (step | heartbeat)* → (done | going_away). Events come as they happened or as they were
recorded. A play as they happened goes over a fixed set, those recorded up to its end, and its
checkpoint also says how far it is among them; so it goes on elsewhere exactly there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import projections
from journey.v1.events_pb2 import OUTCOME_ACCEPTED, Event, Occurrence
from journey.v1.history_service_pb2 import (
    EventOrder,
    PlayedEvent,
    PlayEventsRequest,
    PlayEventsResponse,
)
from journey.v1.stream_pb2 import (
    Heartbeat,
    StreamDone,
)
from journey_service.application.context import Context
from journey_service.application.customer_view import CustomerView
from journey_service.application.customers import check_there
from journey_service.application.past import BREATH, PAGE, at_version, pages, version_at_token
from journey_service.application.sources import Source, sources_of
from journey_service.application.stream_life import StreamLife
from journey_service.application.subscribers import Subscriber
from journey_service.domain.errors import TokenMismatch
from journey_service.domain.identity import Principal, reach
from journey_service.domain.tokens import Checkpoint, hashed

Rest = Callable[[], AbstractAsyncContextManager[None]]
OF_ANOTHER_ORDER = "The checkpoint is of a play in another order: use it for the one it is of."


async def play_events(
    context: Context, principal: Principal, request: PlayEventsRequest, *, rest: Rest
) -> AsyncIterator[PlayEventsResponse]:
    """Frames until done or going_away; `rest` is open in its pauses. Raises CustomerNotFound,
    TokenMismatch, CheckpointAhead, JournalRewound, Draining, TokenExpired, EventUnreadable."""
    play = _Play(
        context,
        request,
        reach(principal, request.subject_id),
        StreamLife.begin(context, Subscriber(principal, "")),
        context.journal.epoch,
        rest,
    )
    with context.subscribers.open(play.life.subscriber):
        yield play.opened()
        await play.begin()
        async for page in play.pages():
            for event in page:
                async for frame in play.frames_of(event):
                    yield frame
                if play.life.is_over():
                    yield play.going_away()
                    return
        yield play.done()


@dataclass(slots=True)
class _Play:
    """One play: behind `low`, up to `high`, and as far as `place`. Loop times are in seconds."""

    context: Context
    request: PlayEventsRequest
    subject_id: str
    life: StreamLife
    # The journal's when it began: what was played is good for that one.
    epoch: str
    rest: Rest
    low: int = 0
    high: int = 0
    place: Occurrence | None = None
    version: int = 0
    view: CustomerView = field(init=False)
    count: int = 0
    # When the last event played happened or was recorded, ms since 1970 UTC; None = none was.
    last_ms: int | None = None
    spoke_at: float = 0.0

    def __post_init__(self) -> None:
        self.view = CustomerView(self.subject_id)

    @property
    def by_version(self) -> bool:
        """Whether events come as they were recorded."""
        return self.request.order == EventOrder.EVENT_ORDER_RECORDED

    # --- where it begins ---

    async def begin(self) -> None:
        """Find the edges, and fold what lies before the first."""
        (source,) = await sources_of(self.context, self.subject_id, ())
        principal = self.life.subscriber.principal
        await check_there(self.context, principal, self.subject_id, source.head)
        self.high = await self._last(source)
        self.low = await self._first(source)
        self.version = self.low
        moment_ms = self.context.clock.now_ms()
        async for page in pages(self.context, at_version(self.subject_id, self.low, moment_ms)):
            await self._fold(page)
        if self.place is not None:
            await self._fold_to_place(self.place)
        await self.context.reader.name_devices(self.view)

    async def _first(self, source: Source) -> int:
        """The version behind which it starts; a place among what happened, it takes over."""
        match self.request.start.WhichOneof("point"):
            case "checkpoint":
                checkpoint = self._opened(self.request.start.checkpoint, "start.checkpoint")
                version = await self._version(checkpoint, source, "start.checkpoint")
                if checkpoint.place:
                    self.high = version
                    version, self.place = _read_place(checkpoint.place)
                return version
            case "recorded_ms":
                return await source.first_recorded_at(self.request.start.recorded_ms) - 1
            case "end":
                return source.head
            case _:
                return 0

    async def _last(self, source: Source) -> int:
        """The version with which it ends."""
        match self.request.end.WhichOneof("point"):
            case "checkpoint":
                checkpoint = self._opened(self.request.end.checkpoint, "end.checkpoint")
                return await self._version(checkpoint, source, "end.checkpoint")
            case "recorded_ms":
                return await source.first_recorded_at(self.request.end.recorded_ms) - 1
            case _:
                return source.head

    def _opened(self, text: str, name: str) -> Checkpoint:
        try:
            checkpoint = self.context.tokens.open_checkpoint(text)
        except TokenMismatch as error:
            raise TokenMismatch(error.message, field=name) from None
        if checkpoint.place and self.by_version:
            raise TokenMismatch(OF_ANOTHER_ORDER, field=name)
        return checkpoint

    async def _version(self, checkpoint: Checkpoint, source: Source, name: str) -> int:
        return await version_at_token(
            self.context, self.subject_id, checkpoint, source.head, field=name
        )

    async def _fold_to_place(self, place: Occurrence) -> None:
        """Fold what was played already of what happened."""
        async for page in self._by_occurrence(None):
            await self._fold([each for each in page if _order(each.occurrence) <= _order(place)])
            if _order(page[-1].occurrence) > _order(place):
                return

    async def _fold(self, events: Sequence[Event]) -> None:
        for begin in range(0, len(events), BREATH):
            self.view.fold(events[begin : begin + BREATH])
            await asyncio.sleep(0)

    # --- what is played ---

    async def pages(self) -> AsyncIterator[Sequence[Event]]:
        """The events of the play in its order; one page of them is in memory."""
        if not self.by_version:
            async for page in self._by_occurrence(self.place):
                yield page
            return
        whole = at_version(self.subject_id, self.high, 0)
        async for page in pages(self.context, whole, after_version=self.low):
            yield page

    async def _by_occurrence(self, after: Occurrence | None) -> AsyncIterator[Sequence[Event]]:
        """As they happened; a page that is not whole may be the last."""
        while True:
            page = await self.context.journal.read_by_occurrence(
                self.subject_id, after=after, up_to_version=self.high, limit=PAGE
            )
            found = [event for event in page if event.version > self.low]
            if found:
                yield found
            if len(page) < PAGE:
                return
            after = page[-1].occurrence

    async def frames_of(self, event: Event) -> AsyncIterator[PlayEventsResponse]:
        """The pause before an event, and the event, if it is one to play."""
        self.view.fold([event])
        if self._concerns(event):
            at_ms = event.recorded_at_ms if self.by_version else event.occurrence.t_ms
            since_ms = max(0, at_ms - (at_ms if self.last_ms is None else self.last_ms))
            async for frame in self._pause(since_ms):
                yield frame
            if self.life.subscriber.ending is not None:
                return
            self.last_ms = at_ms
            self._passed(event)
            self.count += 1
            yield self._frame(PlayEventsResponse(step=self._step(event, since_ms, at_ms)))
        else:
            self._passed(event)
            if event.version % BREATH == 0:
                await asyncio.sleep(0)

    def _concerns(self, event: Event) -> bool:
        """Whether an event is played: accepted, and about the journey asked for."""
        if not self.request.HasField("journey"):
            return event.outcome == OUTCOME_ACCEPTED
        key = projections.key_of(self.request.journey)
        fold = self.view.folds.get(key)
        wanted = {key, *(projections.members_of(fold) if fold is not None else ())}
        return not wanted.isdisjoint(projections.keys_of(event))

    def _passed(self, event: Event) -> None:
        self.version, self.place = event.version, event.occurrence

    def _step(self, event: Event, since_ms: int, at_ms: int) -> PlayedEvent:
        step = PlayedEvent(event=event, pause_ms=since_ms)
        key = self._shown(event) if self.request.include_state else ""
        if key in self.view.folds:
            step.journey.CopyFrom(self.view.publish(key, at_ms))
        return step

    def _shown(self, event: Event) -> str:
        """Key of the journey whose state is told: the one asked for, else the event's own."""
        if self.request.HasField("journey"):
            return projections.key_of(self.request.journey)
        return next(iter(projections.keys_of(event)), "")

    # --- its pace ---

    async def _pause(self, since_ms: int) -> AsyncIterator[PlayEventsResponse]:
        """Wait as long as the pace wants; a heartbeat into a long silence."""
        request, settings = self.request, self.context.settings
        if not request.speed:
            return
        longest_ms = request.max_pause_ms or settings.play_pause_ms
        due = _now() + min(since_ms * 1_000 // request.speed, longest_ms) / 1_000
        while _now() < due and not self.life.is_over():
            until = min(due, self.spoke_at + settings.heartbeat_ms / 1_000)
            async with self.rest():
                await self.life.wait(until - _now())
            if _now() - self.spoke_at >= settings.heartbeat_ms / 1_000:
                beat = Heartbeat(server_ms=self.context.clock.now_ms(), lag_events=-1)
                yield self._frame(PlayEventsResponse(heartbeat=beat))

    # --- frames ---

    def opened(self) -> PlayEventsResponse:
        """The first frame, before any read."""
        self.spoke_at = _now()
        resumed = self.request.start.WhichOneof("point") == "checkpoint"
        return PlayEventsResponse(opened=self.life.opened(resumed=resumed))

    def going_away(self) -> PlayEventsResponse:
        """The last frame of a planned end."""
        return self._frame(PlayEventsResponse(going_away=self.life.going_away()))

    def done(self) -> PlayEventsResponse:
        """The last frame."""
        return self._frame(PlayEventsResponse(done=StreamDone(count=self.count)))

    def _frame(self, response: PlayEventsResponse) -> PlayEventsResponse:
        """The frame with the checkpoint after it."""
        self.spoke_at = _now()
        version = self.version if self.by_version else self.high
        place = "" if self.by_version else _written_place(self.low, self.place)
        checkpoint = Checkpoint(
            epoch=self.epoch,
            versions=hashed({self.subject_id: version}),
            place=place,
        )
        response.checkpoint = self.context.tokens.seal_checkpoint(checkpoint)
        return response


def _written_place(low: int, at: Occurrence | None) -> str:
    """How far a play as things happened has come, and behind which version it began."""
    at = at or Occurrence()
    return f"{low}/{at.t_ms}/{at.counter}/{at.seq}/{at.installation_id}"


def _read_place(text: str) -> tuple[int, Occurrence | None]:
    low, t_ms, counter, seq, installation_id = text.split("/", 4)
    at = Occurrence(
        t_ms=int(t_ms), counter=int(counter), seq=int(seq), installation_id=installation_id
    )
    return int(low), at if at != Occurrence() else None


def _order(at: Occurrence) -> tuple[int, int, bytes, int]:
    """Ids by bytes, as everywhere."""
    return (at.t_ms, at.counter, at.installation_id.encode(), at.seq)


def _now() -> float:
    return asyncio.get_running_loop().time()
