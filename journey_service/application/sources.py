"""What events are read from: partitions by position, or a customer's streams by version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from journey.v1.access_pb2 import ROLE_SERVICE
from journey.v1.events_pb2 import Event
from journey.v1.reading_pb2 import EndPoint, StartPoint
from journey_service.application.context import Context
from journey_service.application.tokens import (
    OF_ANOTHER_SUBJECT,
    opened_checkpoint,
    position_at,
    version_at,
)
from journey_service.domain.errors import CheckpointAhead, FieldViolations, TokenMismatch
from journey_service.domain.identity import Principal, partition_of
from journey_service.domain.tokens import Checkpoint, subject_hash
from journey_service.domain.wire_event import AnyEvent, WireEvent
from journey_service.ports import Journal

# A partition, or the subject of a stream.
Name: TypeAlias = int | str


@dataclass(frozen=True, slots=True)
class Source:
    """One sequence of events: a partition by position, or a stream by version, up to `head`.

    `members` are the subjects of the stream's customer, where others are read with it.
    """

    journal: Journal
    head: int
    partition: int
    subject_id: str = ""
    members: Sequence[str] = ()

    @property
    def name(self) -> Name:
        """What tells it from others that are read with it."""
        return self.subject_id or self.partition

    def place_of(self, event: AnyEvent) -> int:
        """Where an event of it stands in it."""
        return event.version if self.subject_id else event.position

    async def read(
        self, after: int, up_to: int, limit: int, *, backwards: bool = False
    ) -> list[Event]:
        """Its events with after < place <= up_to, at most `limit`."""
        if self.subject_id:
            return await self.journal.read_stream(
                self.subject_id,
                after_version=after,
                up_to_version=up_to,
                limit=limit,
                backwards=backwards,
            )
        return await self.journal.read_partition(
            self.partition,
            after_position=after,
            up_to_position=up_to,
            limit=limit,
            backwards=backwards,
        )

    async def read_on_wire(
        self, after: int, up_to: int, limit: int, *, backwards: bool = False
    ) -> list[WireEvent]:
        """The same, not parsed, for who passes it on."""
        if self.subject_id:
            return await self.journal.read_stream_on_wire(
                self.subject_id, after, up_to, limit, backwards=backwards
            )
        return await self.journal.read_partition_on_wire(
            self.partition, after, up_to, limit, backwards=backwards
        )

    async def first_recorded_at(self, moment_ms: int) -> int:
        """Place of the first event recorded at or after the moment; head + 1 if there is none."""
        low, high = 1, self.head + 1
        while low < high:
            middle = (low + high) // 2
            found = await self.read(middle - 1, middle, 1)
            if found and found[0].recorded_at_ms < moment_ms:
                low = middle + 1
            else:
                high = middle
        return low


def check_sources(
    context: Context,
    principal: Principal,
    *,
    subject_id: str,
    partitions: Sequence[int],
    purpose: str,
) -> None:
    """What may be read from. Raises FieldViolations."""
    if principal.role == ROLE_SERVICE and not purpose:
        raise FieldViolations.one("purpose", "required of services")
    if subject_id and partitions:
        raise FieldViolations.one("partitions", "only without subject_id")
    count = context.journal.partition_count
    for index, partition in enumerate(partitions):
        if not 0 <= partition < count:
            raise FieldViolations.one(f"partitions[{index}]", f"0 to {count - 1}")


def partitions_of(context: Context, subject_id: str, partitions: Iterable[int]) -> list[int]:
    """The partitions in which the events asked for lie, ascending."""
    count = context.journal.partition_count
    if subject_id:
        return [partition_of(subject_id, count)]
    return sorted(set(partitions)) or list(range(count))


async def sources_of(context: Context, subject_id: str, partitions: Iterable[int]) -> list[Source]:
    """A customer's stream or partitions (none = all of them), with their heads of now."""
    journal = context.journal
    asked = partitions_of(context, subject_id, partitions)
    if subject_id:
        head = await journal.stream_head(subject_id)
        return [Source(journal, head.version, asked[0], subject_id)]
    heads = await journal.heads()
    return [Source(journal, heads[partition], partition) for partition in asked]


async def sources_of_members(context: Context, members: Sequence[str]) -> list[Source]:
    """The streams of a customer's subjects, with their heads of now."""
    count, several = context.journal.partition_count, members if len(members) > 1 else ()
    return [
        Source(context.journal, head, partition_of(name, count), name, several)
        for name, head in (await heads_of(context, members)).items()
    ]


async def heads_of(context: Context, subject_ids: Iterable[str]) -> dict[str, int]:
    """The last version of the streams of subjects, 0 = empty."""
    journal = context.journal
    return {name: (await journal.stream_head(name)).version for name in subject_ids}


async def start_edge(
    context: Context,
    source: Source,
    start: StartPoint,
    *,
    shown: int | None = None,
    backwards: bool = False,
) -> int | None:
    """The place behind which reading starts; backwards the place with which it starts.

    None where a checkpoint says nothing of the partition, or of a member that was linked later.
    Raises TokenMismatch, also where the checkpoint was made with another filter than `shown`;
    CheckpointAhead, JournalRewound.
    """
    match start.WhichOneof("point"):
        case "checkpoint":
            checkpoint = opened_checkpoint(context, start.checkpoint, shown=shown)
            place = await place_in(context, source, checkpoint, beyond=int(backwards))
            return place - 1 if backwards and place is not None else place
        case "recorded_ms":
            first = await source.first_recorded_at(start.recorded_ms)
            return min(first, source.head) if backwards else first - 1
        case "end":
            return source.head
        case "beginning":
            return 0
        case _:
            return source.head if backwards else 0


async def end_edge(context: Context, source: Source, end: EndPoint, *, backwards: bool) -> int:
    """The place with which reading ends; backwards the place behind it."""
    match end.WhichOneof("point"):
        case "checkpoint":
            checkpoint = opened_checkpoint(context, end.checkpoint)
            place = await place_in(context, source, checkpoint, beyond=int(backwards)) or 0
            return place - 1 if backwards else place
        case "recorded_ms":
            return await source.first_recorded_at(end.recorded_ms) - 1
        case _:
            return 0 if backwards else source.head


async def place_in(
    context: Context, source: Source, checkpoint: Checkpoint, *, beyond: int = 0
) -> int | None:
    """The source's place in a checkpoint; it may lie so far beyond the head and no further."""
    place: int | None = None
    if source.subject_id:
        if not joined_since(checkpoint, source.subject_id, source.members):
            place = await version_at(context, checkpoint, source.subject_id, beyond=beyond)
    else:
        place = await position_at(context, checkpoint, source.partition, beyond=beyond)
    if place is not None and place > source.head + beyond:
        raise CheckpointAhead
    return place


def joined_since(checkpoint: Checkpoint, subject_id: str, members: Sequence[str]) -> bool:
    """Whether a checkpoint of a customer names others of these members, and this one not."""
    named = checkpoint.versions.keys()
    return subject_hash(subject_id) not in named and not named.isdisjoint(
        map(subject_hash, members)
    )


def all_places(places: Sequence[int | None]) -> list[int]:
    """The places, all of which must be known. Raises TokenMismatch."""
    known = [place for place in places if place is not None]
    if len(known) < len(places):
        raise TokenMismatch(
            OF_ANOTHER_SUBJECT if not known else OF_OTHER_PARTITIONS, field="checkpoint"
        )
    return known


OF_OTHER_PARTITIONS = (
    "The checkpoint does not name all partitions that are asked for: ask for those that it "
    "was made with, or start elsewhere."
)
