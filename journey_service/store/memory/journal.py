"""The log as lists."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from journey.v1.events_pb2 import Event, Occurrence
from journey_service.domain.append import decide
from journey_service.domain.batch import Batch, Decision, Known, KnownEvent, Stamp
from journey_service.domain.customers import Customer
from journey_service.domain.errors import ExpiredInQueue
from journey_service.domain.identity import partition_of
from journey_service.domain.leases import ENDED, NOBODY, Held, Key, LeaseBook, LeaseRow, concerned
from journey_service.domain.machines import Journeys, Rules
from journey_service.domain.wire_event import WireEvent
from journey_service.ports import Appended, Clock, Deliver, StreamHead
from journey_service.settings import Settings
from journey_service.store.placing import answer, check_batch, event_key, known_events, place
from projections import RULES


@dataclass(slots=True)
class Watermark:
    """Of one installation in one stream: last seq processed, and the stamp of its event."""

    processed_seq: int = 0
    previous: Stamp | None = None


@dataclass(slots=True)
class Stream:
    """What is known of one subject."""

    events: list[Event] = field(default_factory=list)
    ids: dict[bytes, KnownEvent] = field(default_factory=dict)
    floor: Stamp = Stamp(0, 0)
    watermarks: dict[str, Watermark] = field(default_factory=lambda: defaultdict(Watermark))
    revs: dict[tuple[str, str], int] = field(default_factory=dict)
    leases: dict[Key, LeaseRow] = field(default_factory=dict)
    erased: bool = False

    @property
    def version(self) -> int:
        """Of the last event."""
        return len(self.events)


class MemoryJournal:
    """The log as lists."""

    def __init__(self, clock: Clock, settings: Settings, rules: Rules = RULES) -> None:
        self.journal_id = base64.b32encode(secrets.token_bytes(10)).decode().lower()
        self.partition_count = settings.partition_count
        # Where each partition stood when the epoch began, by epoch, oldest first.
        self.epochs: dict[str, dict[int, int]] = {
            "1": dict.fromkeys(range(self.partition_count), 0)
        }
        self._clock = clock
        self._rules = rules
        self._late_limit_ms = settings.late_limit_ms
        self._lease_life_ms = settings.lease_life_ms
        # What counts for limit groups, by (kind, subject, journey_id).
        self._groups: dict[str, dict[tuple[str, str, str], Held]] = defaultdict(dict)
        self.streams: dict[str, Stream] = defaultdict(Stream)
        # By the subject id of every member; those that are linked to nobody are left out.
        self.customers: dict[str, Customer] = {}
        self._partitions: dict[int, list[Event]] = {n: [] for n in range(self.partition_count)}
        self._followers: dict[int, list[Deliver]] = defaultdict(list)

    @property
    def epoch(self) -> str:
        """See ports.Journal."""
        return [*self.epochs][-1]

    def begin_epoch(self) -> None:
        """What a restore and a failover do: what stands now is what the new epoch begins at."""
        heads = {partition: len(log) for partition, log in self._partitions.items()}
        self.epochs[str(len(self.epochs) + 1)] = heads

    async def append(self, batch: Batch, *, deadline: float | None = None) -> Appended:
        """See ports.Journal; nothing is ever unknown here."""
        check_batch(batch)
        await asyncio.sleep(0)
        if deadline is not None and deadline <= asyncio.get_running_loop().time():
            raise ExpiredInQueue
        return self.write([batch])[0]

    def write(
        self, batches: Sequence[Batch], *, together: Callable[[], None] = lambda: None
    ) -> list[Appended]:
        """Write batches of different streams, all or none; `together` is done before anything of
        them is written, if there is anything to write, and may refuse."""
        decided = [(batch, *self._decide(batch)) for batch in batches]
        if any(decision.events for _, _, decision in decided):
            together()
        return [self._commit(*each) for each in decided]

    def _decide(self, batch: Batch) -> tuple[Stream, Decision]:
        stream = self.streams.get(batch.subject_id) or Stream()
        known = _known(stream, batch, self._journeys(stream, batch))
        if leased := concerned(batch):
            rows = {key: stream.leases.get(key, NOBODY) for key in leased}
            known = replace(known, leases=rows, held=self._held_for(batch))
        decision = decide(
            batch,
            known,
            late_limit_ms=self._late_limit_ms,
            lease_life_ms=self._lease_life_ms,
        )
        return stream, decision

    def _commit(self, batch: Batch, stream: Stream, decision: Decision) -> Appended:
        partition = partition_of(batch.subject_id, self.partition_count)
        log = self._partitions[partition]
        place(decision, before=stream.version, partition=partition, head=len(log))
        now_ms = self._clock.now_ms()
        for event in decision.events:
            event.recorded_at_ms = now_ms
        self._write(batch, decision, stream, log)
        for deliver in tuple(self._followers[partition]) if decision.events else ():
            _deliver(deliver, [copy(event) for event in decision.events])
        return answer(batch, decision, partition=partition, head=len(log))

    def erase(self, subject_id: str) -> bool:
        """All that can be told of its events are their places; False = there are none."""
        stream = self.streams.get(subject_id)
        if stream is None or stream.erased:
            return False
        stream.erased = True
        for event in stream.events:
            event.CopyFrom(_redacted(event))
        return True

    def _held_for(self, batch: Batch) -> list[Held]:
        return [*self._groups[batch.limit.group].values()] if batch.limit is not None else []

    def _write_leases(self, batch: Batch, leases: LeaseBook, stream: Stream) -> None:
        stream.leases |= leases.changed
        if batch.limit is not None:
            self._groups[batch.limit.group] |= leases.counted
        for one in leases.evicted:
            other = self.streams[one.subject_id].leases
            key = (one.kind, one.journey_id)
            other[key] = replace(other[key], until_ms=one.until_ms)

    async def release(
        self, subject_id: str, kind: str, journey_id: str, epoch: int, *, limit_group: str = ""
    ) -> bool:
        """See ports.Journal."""
        leases, now_ms = self.streams[subject_id].leases, self._clock.now_ms()
        row = leases.get((kind, journey_id), NOBODY)
        if row.epoch != epoch or row.until_ms <= now_ms:
            return False
        leases[kind, journey_id] = replace(row, until_ms=ENDED)
        self._groups[limit_group].pop((kind, subject_id, journey_id), None)
        return True

    async def held_in(self, limit_group: str) -> list[Held]:
        """See ports.Journal."""
        now_ms = self._clock.now_ms()
        held = self._groups.get(limit_group, {}).values()
        return [one for one in held if one.until_ms > now_ms]

    def leases_of(self, subject_id: str) -> dict[str, LeaseRow]:
        """Those that have not ended, by key."""
        stream, now_ms = self.streams.get(subject_id) or Stream(), self._clock.now_ms()
        return {"/".join(key): row for key, row in stream.leases.items() if row.until_ms > now_ms}

    def _journeys(self, stream: Stream, batch: Batch) -> Journeys | None:
        """What the rules are asked on: folded anew from all events, as exact as it is slow."""
        asked = self._rules.asked(batch.candidates)
        return self._rules.open(asked, {}, stream.events) if asked else None

    def _write(self, batch: Batch, decision: Decision, stream: Stream, log: list[Event]) -> None:
        if decision.events:
            self.streams[batch.subject_id] = stream
            recorded = [copy(event) for event in decision.events]
            stream.events.extend(recorded)
            log.extend(recorded)
            stream.ids.update(known_events(decision))
            stream.floor = decision.known.floor
            stream.revs.update(decision.known.revs)
            if decision.leases is not None:
                self._write_leases(batch, decision.leases, stream)
        if batch.sequenced:
            # Also without an event: the number of a reused id is spent.
            watermark = stream.watermarks[batch.installation_id]
            watermark.processed_seq = decision.known.processed_seq
            watermark.previous = decision.known.previous

    async def read_stream(
        self,
        subject_id: str,
        *,
        after_version: int = 0,
        up_to_version: int | None = None,
        limit: int = 1_000,
        backwards: bool = False,
    ) -> list[Event]:
        """See ports.Journal."""
        events = self._events_of(subject_id)
        return _page(events, after_version, up_to_version, limit=limit, backwards=backwards)

    async def read_by_occurrence(
        self,
        subject_id: str,
        *,
        after: Occurrence | None = None,
        up_to_version: int,
        limit: int = 1_000,
        backwards: bool = False,
    ) -> list[Event]:
        """See ports.Journal."""
        events = self._events_of(subject_id)[:up_to_version]
        events = sorted(events, key=lambda event: _happened(event.occurrence))
        if backwards:
            events.reverse()
        if after is not None:
            bound = _happened(after)
            events = [
                event
                for event in events
                if event.occurrence != after and (_happened(event.occurrence) < bound) is backwards
            ]
        return [copy(event) for event in events[:limit]]

    async def read_partition(
        self,
        partition: int,
        *,
        after_position: int = 0,
        up_to_position: int | None = None,
        limit: int = 1_000,
        backwards: bool = False,
    ) -> list[Event]:
        """See ports.Journal."""
        log = self._partitions[partition]
        return _page(log, after_position, up_to_position, limit=limit, backwards=backwards)

    async def read_stream_on_wire(
        self, subject_id: str, after: int, up_to: int, limit: int, *, backwards: bool
    ) -> list[WireEvent]:
        """See ports.Journal."""
        events = await self.read_stream(
            subject_id, after_version=after, up_to_version=up_to, limit=limit, backwards=backwards
        )
        return [WireEvent.of(event) for event in events]

    async def read_partition_on_wire(
        self, partition: int, after: int, up_to: int, limit: int, *, backwards: bool
    ) -> list[WireEvent]:
        """See ports.Journal."""
        events = await self.read_partition(
            partition, after_position=after, up_to_position=up_to, limit=limit, backwards=backwards
        )
        return [WireEvent.of(event) for event in events]

    async def heads(self) -> dict[int, int]:
        """See ports.Journal."""
        return {partition: len(log) for partition, log in self._partitions.items()}

    async def stream_head(self, subject_id: str) -> StreamHead:
        """See ports.Journal."""
        return self.head_of(subject_id)

    async def position_of(self, subject_id: str, version: int) -> int:
        """See ports.Journal."""
        events = self._events_of(subject_id)
        return events[version - 1].position if 0 < version <= len(events) else 0

    async def keeps(self, epoch: str, partition: int, position: int) -> bool:
        """See ports.Journal."""
        names = [*self.epochs]
        if epoch not in names:
            return False
        later = names[names.index(epoch) + 1 :]
        return all(position <= self.epochs[name][partition] for name in later)

    def head_of(self, subject_id: str) -> StreamHead:
        """The same without waiting, for one consistent read with the states."""
        stream = self.streams.get(subject_id) or Stream()
        return StreamHead(stream.version, stream.floor)

    @contextmanager
    def follow(self, partition: int, deliver: Deliver) -> Iterator[None]:
        """See ports.Journal."""
        self._followers[partition].append(deliver)
        try:
            yield
        finally:
            self._followers[partition].remove(deliver)

    def _events_of(self, subject_id: str) -> list[Event]:
        stream = self.streams.get(subject_id)
        return stream.events if stream else []


def _deliver(deliver: Deliver, events: Sequence[Event]) -> None:
    try:
        deliver(events)
    except Exception as error:  # noqa: BLE001  one follower's fault is not the others'
        asyncio.get_running_loop().call_exception_handler(
            {"message": "a follower of the journal failed", "exception": error}
        )


def _known(stream: Stream, batch: Batch, journeys: Journeys | None) -> Known:
    keys = {
        candidate.interaction.event_id: event_key(candidate.interaction.event_id)
        for candidate in batch.candidates
    }
    watermark = Watermark()
    if batch.sequenced:
        watermark = stream.watermarks.get(batch.installation_id, watermark)
    return Known(
        version=stream.version,
        floor=stream.floor,
        processed_seq=watermark.processed_seq,
        previous=watermark.previous,
        events={name: stream.ids[key] for name, key in keys.items() if key in stream.ids},
        revs=dict(stream.revs),
        journeys=journeys,
        erased=stream.erased,
    )


def _page(
    log: Sequence[Event], after: int, up_to: int | None, *, limit: int, backwards: bool
) -> list[Event]:
    """Places are 1, 2, 3 …, so a range of places is a slice."""
    found = log[max(after, 0) : up_to]
    if backwards:
        found = found[::-1]
    return [copy(event) for event in found[:limit]]


def copy(event: Event) -> Event:
    """Another event with the same content."""
    twin = Event()
    twin.CopyFrom(event)
    return twin


def _redacted(event: Event) -> Event:
    return Event(
        subject_id=event.subject_id,
        version=event.version,
        partition=event.partition,
        position=event.position,
        type=event.type,
        recorded_at_ms=event.recorded_at_ms,
        redacted=True,
    )


def _happened(occurrence: Occurrence) -> tuple[int, int, bytes, int]:
    installation = occurrence.installation_id.encode()
    return (occurrence.t_ms, occurrence.counter, installation, occurrence.seq)
