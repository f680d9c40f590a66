"""The events of a customer, played at a chosen pace, with the state after each.

opened → (step | heartbeat)* → (done | going_away). Events come as they happened or as they were
recorded. A play as they happened goes over a fixed set, those recorded up to its end, and its
checkpoint also says how far it is among them; so it goes on elsewhere exactly there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
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
from journey_service.application.customers import check_there, customer_of
from journey_service.application.in_order import Pages, as_happened, behind_in, in_order, occurred
from journey_service.application.past import (
    BREATH,
    PAGE,
    at_versions,
    pages,
    versions_at_token,
)
from journey_service.application.sources import Source, sources_of_members
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
    """One play: of each member's stream behind `low`, up to `high`, by subject id, and as far as
    `place`, an event of the subject `at`. Loop times are in seconds."""

    context: Context
    request: PlayEventsRequest
    subject_id: str
    life: StreamLife
    # The journal's when it began: what was played is good for that one.
    epoch: str
    rest: Rest
    low: Mapping[str, int] = field(default_factory=dict)
    high: Mapping[str, int] = field(default_factory=dict)
    place: Occurrence | None = None
    at: str = ""
    versions: dict[str, int] = field(default_factory=dict)
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
        principal = self.life.subscriber.principal
        customer = await customer_of(self.context, principal, self.subject_id)
        sources = await sources_of_members(self.context, customer.subject_ids)
        there = sum(source.head for source in sources)
        await check_there(self.context, principal, self.subject_id, there)
        self.high = await self._last(sources)
        self.low = await self._first(sources)
        self.versions = dict(self.low)
        before = at_versions(self.subject_id, self.low, self.context.clock.now_ms())
        async for page in pages(self.context, before):
            await self._fold(page)
        if self.place is not None:
            await self._fold_to_place(self.place)
        await self.context.reader.name_devices(self.view, customer.subject_ids)

    async def _first(self, sources: Sequence[Source]) -> dict[str, int]:
        """The versions behind which it starts; a place among what happened, it takes over."""
        match self.request.start.WhichOneof("point"):
            case "checkpoint":
                checkpoint = self._opened(self.request.start.checkpoint, "start.checkpoint")
                versions = await self._versions(checkpoint, sources, "start.checkpoint")
                if checkpoint.place:
                    self.high = versions
                    return self._take_over(checkpoint)
                return {source.subject_id: versions.get(source.subject_id, 0) for source in sources}
            case "recorded_ms":
                return await _before(sources, self.request.start.recorded_ms)
            case "end":
                return {source.subject_id: source.head for source in sources}
            case _:
                return {source.subject_id: 0 for source in sources}

    async def _last(self, sources: Sequence[Source]) -> dict[str, int]:
        """The versions with which it ends."""
        match self.request.end.WhichOneof("point"):
            case "checkpoint":
                checkpoint = self._opened(self.request.end.checkpoint, "end.checkpoint")
                return await self._versions(checkpoint, sources, "end.checkpoint")
            case "recorded_ms":
                return await _before(sources, self.request.end.recorded_ms)
            case _:
                return {source.subject_id: source.head for source in sources}

    def _take_over(self, checkpoint: Checkpoint) -> dict[str, int]:
        """Go on with a play as things happened, from its place; returns behind which versions it
        began."""
        first, self.place = _read_place(checkpoint.place)
        names = sorted(self.high)
        if len(names) == 1:
            self.at = names[0]
            return {names[0]: first}
        self.at = names[first]
        return {name: checkpoint.positions.get(index, 0) for index, name in enumerate(names)}

    def _opened(self, text: str, name: str) -> Checkpoint:
        try:
            checkpoint = self.context.tokens.open_checkpoint(text)
        except TokenMismatch as error:
            raise TokenMismatch(error.message, field=name) from None
        if checkpoint.place and self.by_version:
            raise TokenMismatch(OF_ANOTHER_ORDER, field=name)
        return checkpoint

    async def _versions(
        self, checkpoint: Checkpoint, sources: Sequence[Source], name: str
    ) -> dict[str, int]:
        members = [source.subject_id for source in sources]
        return await versions_at_token(self.context, members, checkpoint, field=name)

    async def _fold_to_place(self, place: Occurrence) -> None:
        """Fold what was played already of what happened."""
        last = (occurred(place), self.at)
        async for page in self._by_occurrence(anew=True):
            await self._fold([each for each in page if as_happened(each) <= last])
            if as_happened(page[-1]) > last:
                return

    async def _fold(self, events: Sequence[Event]) -> None:
        for begin in range(0, len(events), BREATH):
            self.view.fold(events[begin : begin + BREATH])
            await asyncio.sleep(0)

    # --- what is played ---

    def pages(self) -> Pages:
        """The events of the play in its order; of each stream a page is in memory."""
        if not self.by_version:
            return self._by_occurrence()
        whole = at_versions(self.subject_id, self.high, 0)
        return pages(self.context, whole, behind=self.low)

    def _by_occurrence(self, *, anew: bool = False) -> Pages:
        """As they happened, behind the place that was reached, or `anew` from the first."""
        streams = [self._stream(name, None if anew else self._behind(name)) for name in self.high]
        return in_order(streams, as_happened)

    def _behind(self, name: str) -> Occurrence | None:
        """What a stream is played behind; of others, what happened at the same moment as the last
        event comes in the order of subjects."""
        return behind_in(name, self.place, self.at) if self.place is not None else None

    async def _stream(self, name: str, after: Occurrence | None) -> Pages:
        """One stream as it happened; a page that is not whole is the last."""
        while True:
            page = await self.context.journal.read_by_occurrence(
                name, after=after, up_to_version=self.high[name], limit=PAGE
            )
            yield [event for event in page if event.version > self.low.get(name, 0)]
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
        self.versions[event.subject_id] = event.version
        self.place, self.at = event.occurrence, event.subject_id

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
        several = not self.by_version and len(self.high) > 1
        checkpoint = Checkpoint(
            epoch=self.epoch,
            versions=hashed(self.versions if self.by_version else self.high),
            positions=dict(enumerate(map(self._began, sorted(self.high)))) if several else {},
            place="" if self.by_version else self._written_place(),
        )
        response.checkpoint = self.context.tokens.seal_checkpoint(checkpoint)
        return response

    def _began(self, name: str) -> int:
        return self.low.get(name, 0)

    def _written_place(self) -> str:
        """How far a play as things happened has come. Of one stream behind which version it began,
        of several which one the last event is of."""
        names = sorted(self.high)
        first = names.index(self.at) if self.at and len(names) > 1 else 0
        return _written(self._began(names[0]) if len(names) == 1 else first, self.place)


async def _before(sources: Sequence[Source], moment_ms: int) -> dict[str, int]:
    """The versions that the streams had just before a moment."""
    return {source.subject_id: await source.first_recorded_at(moment_ms) - 1 for source in sources}


def _written(first: int, at: Occurrence | None) -> str:
    at = at or Occurrence()
    return f"{first}/{at.t_ms}/{at.counter}/{at.seq}/{at.installation_id}"


def _read_place(text: str) -> tuple[int, Occurrence | None]:
    first, t_ms, counter, seq, installation_id = text.split("/", 4)
    at = Occurrence(
        t_ms=int(t_ms), counter=int(counter), seq=int(seq), installation_id=installation_id
    )
    return int(first), at if at != Occurrence() else None


def _now() -> float:
    return asyncio.get_running_loop().time()
