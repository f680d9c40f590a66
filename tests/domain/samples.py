"""Well-formed things to take a test's own case from, and a stream kept only by `decide`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from journey.v1.clocks_pb2 import ClientClock
from journey.v1.events_pb2 import (
    ACTOR_KIND_CUSTOMER,
    ACTOR_KIND_SERVICE,
    ACTOR_KIND_SYSTEM,
    Actor,
    Event,
)
from journey.v1.interactions_pb2 import RUN_OPENER_PLAY, ConversationMessageAdded, Interaction
from journey.v1.journey_service_pb2 import RecordResult
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.append import decide
from journey_service.domain.arrival import content_hash
from journey_service.domain.batch import Batch, Candidate, Decision, Known, KnownEvent, Seen, Stamp
from journey_service.domain.catalogue import TYPES
from journey_service.domain.consistency import run_id_checksum

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
NOW = 1_763_755_200_000  # a day in November 2025
SUBJECT = "zq4vlw7tn3xk2m5hjd6pcyba7e"
PHONE = "6d0f6f0e-2f1c-4b57-9c2b-6a2f9f6b1d01"
TV = "6d0f6f0e-2f1c-4b57-9c2b-6a2f9f6b1d02"
CUSTOMER = Actor(kind=ACTOR_KIND_CUSTOMER)
SERVICE = Actor(kind=ACTOR_KIND_SERVICE, id="orders")
SYSTEM = Actor(kind=ACTOR_KIND_SYSTEM)


def event_id(number: int) -> str:
    """A UUID of version 7 that carries a number of the test's choice."""
    return f"01930000-0000-7000-8000-{number:012d}"


def run_id(journey_id: str = "film", kind: str = "media") -> str:
    """A run of playing that belongs to a journey."""
    return "0123456789abcdef01234567" + run_id_checksum(kind, journey_id)


def pause(seq: int, **envelope: Any) -> Interaction:
    """The customer pauses a film; the envelope may be given field by field."""
    fields: dict[str, Any] = {
        "event_id": event_id(seq),
        "seq": seq,
        "wall_ms": NOW,
        "mono_ms": 0,
        "boot_id": "boot",
    }
    interaction = Interaction(**fields | envelope)
    if not interaction.HasField("journey"):
        interaction.journey.kind, interaction.journey.journey_id = "media", "film"
    paused = interaction.media_paused
    paused.run_id = run_id(interaction.journey.journey_id)
    paused.opened_by = RUN_OPENER_PLAY
    paused.point_ms, paused.speed = seq * SECOND, 1_000
    return interaction


def candidate(interaction: Interaction, **facts: Any) -> Candidate:
    """An interaction that passed its checks."""
    found = TYPES[interaction.WhichOneof("body") or ""]
    of_type: dict[str, Any] = {"telemetry": found.telemetry, "machine": found.machine}
    return Candidate(interaction, found.name, content_hash(interaction), **of_type | facts)


def clock(**readings: Any) -> ClientClock:
    """A device's clocks at sending: right, and of the boot in which it acted."""
    right: dict[str, Any] = {"sent_wall_ms": NOW, "sent_mono_ms": 0, "boot_id": "boot"}
    return ClientClock(**right | readings)


def batch(*candidates: Candidate, **facts: Any) -> Batch:
    """A batch of the phone for the subject, sent and received now."""
    device: dict[str, Any] = {
        "subject_id": SUBJECT,
        "installation_id": PHONE,
        "received_ms": NOW,
        "actor": CUSTOMER,
        "clock": clock(),
    }
    return Batch(candidates=candidates, **device | facts)


def pauses(*numbers: int, **facts: Any) -> Batch:
    """A batch of pauses with these numbers."""
    return batch(*(candidate(pause(number)) for number in numbers), **facts)


def message(seq: int, expected_rev: int | None = None, journey_id: str = "chat") -> Candidate:
    """A machine interaction."""
    journey = JourneyRef(kind="conversation", journey_id=journey_id)
    sent = pause(seq, journey=journey, expected_rev=expected_rev)
    sent.conversation_message_added.CopyFrom(
        ConversationMessageAdded(
            message_id=f"m{seq}", direction=ConversationMessageAdded.DIRECTION_IN, text="hello"
        )
    )
    return candidate(sent)


def unsequenced(*numbers: int, **facts: Any) -> Batch:
    """A back end's pauses, known by their event ids alone."""
    sent = [pause(0, event_id=event_id(number), boot_id="") for number in numbers]
    back_end: dict[str, Any] = {
        "installation_id": "",
        "actor": SERVICE,
        "clock": None,
        "sequenced": False,
    }
    return batch(*(candidate(interaction) for interaction in sent), **back_end | facts)


def seen(version: int = 1, *, issued_ms: int = NOW, floor: Stamp | None = None) -> Seen:
    """What a token said that was made when the stream stood at that version."""
    return Seen({SUBJECT: version}, issued_ms, floor or Stamp(issued_ms, 0))


class Stream:
    """A stream that knows what a journal knows: what was decided before, and nothing else."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.watermarks: dict[str, tuple[int, Stamp | None]] = {}
        self.floor = Stamp(0, 0)
        self.revs: dict[tuple[str, str], int] = {}

    def known(self, wanted: Batch) -> Known:
        """What the journal reads for a batch."""
        processed_seq, previous = self.watermarks.get(wanted.installation_id, (0, None))
        ids = {candidate.interaction.event_id for candidate in wanted.candidates}
        return Known(
            version=len(self.events),
            floor=self.floor,
            processed_seq=processed_seq,
            previous=previous,
            events={
                event.interaction.event_id: KnownEvent(
                    event.version,
                    0,
                    event.outcome,
                    event.reason,
                    event.content_hash,
                    same_as=event.same_as,
                )
                for event in self.events
                if event.interaction.event_id in ids
            },
            revs=self.revs,
        )

    def append(self, wanted: Batch) -> Decision:
        """Decide a batch and keep what follows."""
        decision = decide(wanted, self.known(wanted))
        self.events += decision.events
        self.floor, self.revs = decision.known.floor, dict(decision.known.revs)
        if wanted.sequenced:
            known = decision.known
            self.watermarks[wanted.installation_id] = known.processed_seq, known.previous
        return decision

    def record(self, wanted: Batch) -> tuple[RecordResult, ...]:
        """The answers to a batch."""
        return self.append(wanted).results


def stamps(events: Sequence[Event]) -> list[Stamp]:
    """When they happened."""
    return [Stamp(event.occurrence.t_ms, event.occurrence.counter) for event in events]
