"""From what was sent to what the journal decides on: defaults, cuts, hashes, what was seen."""

from __future__ import annotations

import hashlib
import struct
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from journey.v1.access_pb2 import Role
from journey.v1.events_pb2 import DATA_CLASS_PERSONAL, DATA_CLASS_PUBLIC, DataClass
from journey.v1.interactions_pb2 import (
    CHANNEL_UNSPECIFIED,
    Channel,
    Interaction,
)
from journey.v1.rules_pb2 import INTERACTION_CLASS_TELEMETRY
from journey_service.domain.batch import Candidate, Refusal, Seen
from journey_service.domain.catalogue import TYPES, InteractionType
from journey_service.domain.formats import is_uuid
from journey_service.domain.validation import Validation
from journey_service.domain.walk import personal, walk

CONTENT_HASH_BYTES = 16

# Kind and id of the journey acted on; empty where there is none.
JourneyKey: TypeAlias = tuple[str, str]
# What a `seen` token says to somebody who acts on that journey; None where it cannot be used.
DecodeSeen: TypeAlias = Callable[[str, JourneyKey], Seen | None]

_HEADER = struct.Struct(">qqIII")
_BODY_NUMBERS = {name: Interaction.DESCRIPTOR.fields_by_name[name].number for name in TYPES}
_PERSONAL = {name: walk(found.message, personal) for name, found in TYPES.items()}
# Ids that are derived for malformed ones lie here, where no client makes any.
_DERIVED_IDS = uuid.UUID("8f0a3c52-6c1e-5d0b-9f67-2f8e4a1b7c90")


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who sends a batch, and what its session says where an interaction says nothing.

    `old_facts`: a back end that brings in what devices of the past did.
    """

    role: Role
    channel: Channel = CHANNEL_UNSPECIFIED
    channel_label: str = ""
    old_facts: bool = False


def candidates(
    sent: Sequence[Interaction], reporter: Reporter, validation: Validation, decode: DecodeSeen
) -> tuple[Candidate, ...]:
    """The interactions of a checked batch, ready to be decided; `sent` is left as it is.

    `decode` opens state tokens; an empty `seen` means the last one given before it in the batch.
    """
    arriving = _Arriving(reporter, validation, decode)
    return tuple([arriving.candidate(interaction) for interaction in sent])


def content_hash(sent: Interaction) -> bytes:
    """16 bytes of SHA-256 over journey, body and clocks, as sent and as the server serializes them.

    As sent, so that a repeat is recognised whatever defaults and cuts are in force by then. A body
    of an unknown type counts with its bytes.
    """
    name = sent.WhichOneof("body")
    if name is None:
        number, body = 0, _unknown_bytes(sent)
    else:
        number = _BODY_NUMBERS[name]
        body = getattr(sent, name).SerializeToString(deterministic=True)
    journey = sent.journey.SerializeToString(deterministic=True)
    boot_id = sent.boot_id.encode()
    header = _HEADER.pack(sent.wall_ms, sent.mono_ms, len(journey), len(boot_id), number)
    return hashlib.sha256(header + journey + boot_id + body).digest()[:CONTENT_HASH_BYTES]


def recorded_id(sent: Interaction, content: bytes) -> str:
    """The event id to record it under: the one sent, in lower case.

    A malformed one cannot be stored, but its refusal must be, so that the queue goes on and a
    repeat gets the same answer: then the id is derived from what was sent.
    """
    if is_uuid(sent.event_id):
        return sent.event_id.lower()
    return str(uuid.uuid5(_DERIVED_IDS, f"{sent.seq}/{sent.event_id}/{content.hex()}"))


def _unknown_bytes(sent: Interaction) -> bytes:
    rest = Interaction()
    rest.CopyFrom(sent)
    for known, _ in sent.ListFields():
        rest.ClearField(known.name)
    return rest.SerializeToString()


class _Arriving:
    """A batch while its interactions are taken in, one after the other."""

    def __init__(self, reporter: Reporter, validation: Validation, decode: DecodeSeen) -> None:
        self.reporter, self.validation, self.decode = reporter, validation, decode
        self.token = ""
        self.opened: dict[tuple[str, JourneyKey], Seen | None] = {}

    def candidate(self, sent: Interaction) -> Candidate:
        """What an interaction is to the journal."""
        content = content_hash(sent)
        # Reading it anew costs half of copying it.
        interaction = Interaction.FromString(sent.SerializeToString())
        self.token = sent.seen or self.token
        name = sent.WhichOneof("body")
        found = TYPES[name] if name is not None else None
        self._fill(interaction, found)
        refusal = self.validation.refusal_of(
            interaction, self.reporter.role, old_facts=self.reporter.old_facts
        )
        interaction.ClearField("seen")
        if found is None or refusal is not None:
            return _refused(interaction, sent, content, found, refusal)
        interaction.event_id = sent.event_id.lower()
        self.validation.hide_secrets(interaction, found.field)
        telemetry = _is_telemetry(interaction, found)
        seen, ignored = (None, False) if telemetry else self._seen(interaction)
        return Candidate(
            interaction,
            found.name,
            content,
            telemetry,
            found.machine,
            seen,
            ignored,
            None,
            _data_class(interaction, found),
            _sent_id(interaction, sent),
        )

    def _fill(self, interaction: Interaction, found: InteractionType | None) -> None:
        """Put in what the session and the type say where the interaction says nothing."""
        if not interaction.channel:
            interaction.channel = self.reporter.channel
            if self.reporter.channel_label and not interaction.channel_label:
                interaction.channel_label = self.reporter.channel_label
        if found is None:
            return
        self.validation.arrive_interaction(interaction, found.field)
        if found.journey_ids and interaction.HasField("journey"):
            journey = interaction.journey
            journey.journey_id = journey.journey_id or found.journey_ids.get(journey.kind, "")

    def _seen(self, interaction: Interaction) -> tuple[Seen | None, bool]:
        """What was on the screen, and whether a token was given that could not be used."""
        if not self.token:
            return None, False
        journey = interaction.journey
        asked = (self.token, (journey.kind, journey.journey_id))
        if asked not in self.opened:
            self.opened[asked] = self.decode(*asked)
        seen = self.opened[asked]
        return seen, seen is None


def _refused(
    interaction: Interaction,
    sent: Interaction,
    content: bytes,
    found: InteractionType | None,
    refusal: Refusal | None,
) -> Candidate:
    name = found.name if found is not None else ""
    interaction.event_id = recorded_id(sent, content)
    return Candidate(
        interaction, name, content, refusal=refusal, sent_event_id=_sent_id(interaction, sent)
    )


def _sent_id(interaction: Interaction, sent: Interaction) -> str:
    return "" if interaction.event_id == sent.event_id else sent.event_id


def _is_telemetry(interaction: Interaction, found: InteractionType) -> bool:
    if found.stated:
        return interaction.custom.interaction_class == INTERACTION_CLASS_TELEMETRY
    return found.telemetry


def _data_class(interaction: Interaction, found: InteractionType) -> DataClass:
    """The highest mark among the fields that are set."""
    marks = _PERSONAL[found.field]
    if marks is not None and marks(getattr(interaction, found.field)):
        return DATA_CLASS_PERSONAL
    return DATA_CLASS_PUBLIC
