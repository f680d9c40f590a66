"""Given, when, then for folds: devices act at a time of day, events arrive as they are called."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from google.protobuf.message import Message

import projections
from journey.v1.events_pb2 import (
    ACTOR_KIND_CUSTOMER,
    ACTOR_KIND_SERVICE,
    OUTCOME_ACCEPTED,
    Actor,
    ActorKind,
    Cut,
    Event,
    Occurrence,
    StreamVersion,
)
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.interactions_pb2 import (
    CHANNEL_MOBILE_APP,
    CartLineAdded,
    CartLineQuantitySet,
    CartLineRemoved,
    Interaction,
    JourneyMarked,
    Line,
    MediaPaused,
    MediaPlayed,
    MediaProgressed,
    MediaSeeked,
    MediaStopped,
    Product,
    RunOpener,
)
from journey.v1.journeys_pb2 import CartState, Journey, ListState, MediaState
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.catalogue import TYPES
from projections.journeys.custom import Condition, CustomKind, Part

MIDNIGHT_MS = int(datetime(2026, 11, 2, tzinfo=UTC).timestamp()) * 1_000
DAY_MS = 24 * 60 * 60 * 1_000
FIELDS = {found.message.full_name: name for name, found in TYPES.items()}
PLAY, RESTART, SEEK = (
    RunOpener.RUN_OPENER_PLAY,
    RunOpener.RUN_OPENER_RESTART,
    RunOpener.RUN_OPENER_SEEK,
)
# A custom kind of a game, as a deployment declares it.
QUEST = CustomKind(
    "quest",
    {
        "stage": Part.LATEST_WITH_CONFLICTS,
        "hero": Part.LATEST,
        "level": Part.MAX,
        "badges": Part.TAGS,
        "coins": Part.QUANTITY,
    },
    finished=(Condition("level", at_least=10), Condition("hero", present=True)),
    listed=(Condition("stage", present=True),),
    archive_after_ms=10 * DAY_MS,
)


def clock(text: str) -> int:
    """A true time of the day, hh:mm or hh:mm:ss, ms since 1970 UTC."""
    hours, minutes, *seconds = text.split(":")
    return MIDNIGHT_MS + 1_000 * (
        3_600 * int(hours) + 60 * int(minutes) + int(seconds[0] if seconds else 0)
    )


def place(text: str) -> int:
    """A place in content, mm:ss, ms."""
    minutes, seconds = text.split(":")
    return 1_000 * (60 * int(minutes) + int(seconds))


def line(sku: str, quantity: int, **more: Any) -> Line:
    """A line whose key is the sku."""
    return Line(product=Product(sku=sku), quantity=quantity, **more)


def interaction(journey: str, body: Message) -> Interaction:
    """An interaction of the journey kind/journey_id with this body."""
    kind, _, journey_id = journey.partition("/")
    made = Interaction(journey=JourneyRef(kind=kind, journey_id=journey_id))
    getattr(made, FIELDS[body.DESCRIPTOR.full_name]).CopyFrom(body)
    return made


@dataclass
class Story:
    """What one subject's devices did, in the order in which it arrived."""

    subject_id: str = "anna"
    events: list[Event] = field(default_factory=list)

    @property
    def version(self) -> int:
        """Of the last event that arrived."""
        return len(self.events)

    def device(self, installation_id: str, actor: ActorKind = ACTOR_KIND_CUSTOMER) -> Device:
        """A device, or a back end, of this subject."""
        return Device(self, installation_id, actor)

    def back_end(self) -> Device:
        """A back end that records unsequenced facts."""
        return self.device("", ACTOR_KIND_SERVICE)

    def folds(self) -> dict[str, JourneyFold]:
        """States by key, folded as events arrived.

        The other way round, and joined from two halves, they are the same.
        """
        states, half = fold(self.events), len(self.events) // 2
        whole = frozen(states)
        assert frozen(fold(reversed(self.events))) == whole
        assert frozen(joined([fold(self.events[:half]), fold(self.events[half:])])) == whole
        return states

    def journeys(self) -> dict[str, Journey]:
        """Published journeys by key."""
        return projections.publish_all(self.folds())

    def journey(self, key: str) -> Journey:
        """One published journey."""
        return self.journeys()[key]

    def media(self, journey_id: str = "film") -> MediaState:
        """Published state of a medium."""
        return self.journey(f"media/{journey_id}").media

    def cart(self, journey_id: str = "main") -> CartState:
        """Published state of a cart."""
        return self.journey(f"cart/{journey_id}").cart

    def quantities(self) -> dict[str, int]:
        """Quantity by line of the default cart."""
        return {each.line_key: each.quantity for each in self.cart().lines}

    def items(self, journey_id: str = "wish") -> ListState:
        """Published state of a list."""
        return self.journey(f"list/{journey_id}").list

    def continue_list(self, at: int) -> list[str]:
        """Keys of the continue list at a time, ms."""
        return projections.continue_list(self.journeys(), at)


@dataclass
class Device:
    """One installation; it numbers its own acts in the order of calls."""

    story: Story
    installation_id: str
    actor: ActorKind
    seq: int = 0

    def record(
        self,
        journey: str,
        body: Message,
        at: int,
        *,
        seen: int | dict[str, int] | None = None,
        channel: int = CHANNEL_MOBILE_APP,
        **facts: Any,
    ) -> Event:
        """Let an act arrive now that happened at `at`.

        `seen`: version of the own stream, or of several, that was on the screen; None = all.
        """
        story = self.story
        version = story.version + 1
        self.seq += 1
        occurrence = Occurrence(
            t_ms=at,
            installation_id=self.installation_id,
            seq=self.seq if self.installation_id else version,
        )
        name = FIELDS[body.DESCRIPTOR.full_name]
        event = Event(
            subject_id=story.subject_id,
            version=version,
            type=TYPES[name].name,
            outcome=OUTCOME_ACCEPTED,
            recorded_at_ms=MIDNIGHT_MS + DAY_MS + version,
            occurrence=occurrence,
            interaction=interaction(journey, body),
            actor=Actor(kind=self.actor),
        )
        event.interaction.channel = channel  # type: ignore[assignment]  # any number, as on the wire
        if not TYPES[name].telemetry:
            versions = {story.subject_id: story.version} if seen is None else seen
            event.cut.CopyFrom(self._cut(versions, occurrence))
        event.MergeFrom(Event(**facts))
        story.events.append(event)
        return event

    def _cut(self, seen: int | dict[str, int], before: Occurrence) -> Cut:
        versions = {self.story.subject_id: seen} if isinstance(seen, int) else seen
        return Cut(
            versions=[
                StreamVersion(subject_id=subject_id, version=version)
                for subject_id, version in sorted(versions.items())
            ],
            installation_id=self.installation_id,
            before=before,
        )

    def play(self, start: str, at: str, film: str = "film", **more: Any) -> Run:
        """Start, or go on; the event has arrived."""
        run = Run(self, film, place(start), more.pop("opened_by", PLAY), self.seq)
        run.duration_ms = more.pop("duration_ms", run.duration_ms)
        run.report(MediaPlayed, start, at, duration_ms=run.duration_ms, **more)
        return run

    def seek(self, to: str, at: str, film: str = "film", speed: int = 1_000) -> Run:
        """Jump; the event has arrived."""
        run = Run(self, film, place(to), SEEK, self.seq)
        run.report(MediaSeeked, to, at, duration_ms=run.duration_ms, speed=speed)
        return run

    def mark(self, mark: JourneyMarked.Mark, at: str, journey: str = "media/film") -> Event:
        """Mark a journey by hand."""
        return self.record(journey, JourneyMarked(mark=mark), clock(at))

    def add(self, sku: str, quantity: int, at: str, seen: int | None = None) -> Event:
        """Add so many to a line of the default cart."""
        return self.record(
            "cart/main", CartLineAdded(line=line(sku, quantity)), clock(at), seen=seen
        )

    def set(self, sku: str, quantity: int, at: str, seen: int | None = None) -> Event:
        """Set the quantity of a line of the default cart."""
        return self.record(
            "cart/main", CartLineQuantitySet(line=line(sku, quantity)), clock(at), seen=seen
        )

    def remove(self, sku: str, at: str, seen: int | None = None) -> Event:
        """Remove a line of the default cart."""
        return self.record("cart/main", CartLineRemoved(line_key=sku), clock(at), seen=seen)


@dataclass
class Run:
    """One run of playing on one device."""

    device: Device
    film: str
    start_ms: int
    opened_by: RunOpener
    number: int
    duration_ms: int = place("60:00")

    @property
    def run_id(self) -> str:
        """24 hex digits of its own and the check value of its journey."""
        number = hashlib.sha256(f"{self.device.installation_id}/{self.number}".encode())
        return number.hexdigest()[:24] + f"{zlib.crc32(f'media/{self.film}'.encode()):08x}"

    def report(self, body: type[Message], point: str, at: str, **more: Any) -> Event:
        """Any report of this run; facts of the event go by `facts`."""
        facts = more.pop("facts", {})
        message = body(
            run_id=self.run_id,
            run_start_ms=self.start_ms,
            opened_by=self.opened_by,
            point_ms=place(point),
            **{"speed": 1_000, **more},
        )
        return self.device.record(f"media/{self.film}", message, clock(at), **facts)

    def progress(self, point: str, at: str, **more: Any) -> Event:
        """A report while playing."""
        return self.report(MediaProgressed, point, at, **more)

    def pause(self, point: str, at: str) -> Event:
        """Pause."""
        return self.report(MediaPaused, point, at, duration_ms=self.duration_ms)

    def stop(self, point: str, at: str) -> Event:
        """Stop by the customer."""
        return self._end(point, at, MediaStopped.REASON_CUSTOMER)

    def finish(self, point: str, at: str) -> Event:
        """The content was over."""
        return self._end(point, at, MediaStopped.REASON_ENDED)

    def _end(self, point: str, at: str, reason: MediaStopped.Reason) -> Event:
        return self.report(MediaStopped, point, at, duration_ms=self.duration_ms, reason=reason)


def fold(events: Iterable[Event]) -> dict[str, JourneyFold]:
    """States by key of these events, in this order."""
    states: dict[str, JourneyFold] = {}
    for event in events:
        projections.fold_event(states, event)
    return states


def in_portions(events: Sequence[Event], most: int) -> Iterator[list[Event]]:
    """So many events at once, those of one stream together, as projections fold a page."""
    for start in range(0, len(events), most):
        some: dict[str, list[Event]] = {}
        for event in events[start : start + most]:
            some.setdefault(event.subject_id, []).append(event)
        yield from some.values()


def joined(parts: Iterable[dict[str, JourneyFold]]) -> dict[str, JourneyFold]:
    """States of the union, as a customer of several streams is read."""
    together: dict[str, JourneyFold] = {}
    for part in parts:
        for key, state in part.items():
            known = together.get(key)
            together[key] = projections.merge(known, state) if known else state
    return together


def frozen(states: dict[str, JourneyFold]) -> dict[str, tuple[bytes, bytes]]:
    """Bytes of the states and of what is published of them, by key."""
    journeys = projections.publish_all(states)
    return {
        key: (
            state.SerializeToString(deterministic=True),
            journeys[key].SerializeToString(deterministic=True),
        )
        for key, state in states.items()
    }
