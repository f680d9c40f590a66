"""What the envelope of an interaction, and a batch as a whole, must be like.

Problems are pairs of a path and the rule that is broken, as in fields.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_SERVICE, ROLE_STAFF, Role
from journey.v1.interactions_pb2 import CHANNEL_OTHER, Interaction
from journey.v1.journey_service_pb2 import RecordRequest
from journey_service.domain.catalogue import CUSTOM_KIND, InteractionType
from journey_service.domain.fields import REQUIRED, Problem

# The version digit of a UUID as text.
UUID_VERSION_AT = 14
DEVICE_UUID_VERSION = "7"
MAX_SEQ = 2**63 - 1


def journey_problems(
    interaction: Interaction, found: InteractionType, custom_kinds: Collection[str]
) -> Iterator[Problem]:
    """The journey is there, of a kind of the type, or absent, as the type says."""
    if not interaction.HasField("journey"):
        if found.kinds and not found.rules.journey_optional:
            yield ".journey", REQUIRED
        return
    kind = interaction.journey.kind
    if not found.kinds:
        yield ".journey", "must be left out: this type belongs to no journey"
    elif not _takes(found, kind, custom_kinds):
        yield ".journey.kind", f"must be {' or '.join(sorted(found.kinds))}"
    body = getattr(interaction, found.field)
    for value in found.restricted:
        if value.kinds and kind not in value.kinds and getattr(body, value.field) == value.number:
            rule = f"may be {value.name} for {' or '.join(sorted(value.kinds))} only"
            yield f".{found.field}.{value.field}", rule


def _takes(found: InteractionType, kind: str, custom_kinds: Collection[str]) -> bool:
    """An unknown kind is a violation already where any kind is taken; an empty one everywhere."""
    if found.takes_any_kind or not kind or kind in found.kinds:
        return True
    return CUSTOM_KIND in found.kinds and kind in custom_kinds


def envelope_problems(interaction: Interaction, found: InteractionType) -> Iterator[Problem]:
    """A label names what no channel does; only machines have a rev to expect."""
    if interaction.channel == CHANNEL_OTHER and not interaction.channel_label:
        yield ".channel_label", f"{REQUIRED} with CHANNEL_OTHER"
    if interaction.channel != CHANNEL_OTHER and interaction.channel_label:
        yield ".channel_label", "must be left out but with CHANNEL_OTHER"
    if interaction.HasField("expected_rev") and not found.machine:
        yield ".expected_rev", "must be left out: this type has none"


def device_problems(interaction: Interaction, found: InteractionType) -> Iterator[Problem]:
    """What others may leave out. A wrong clock is never a violation, a missing one is."""
    if interaction.event_id[UUID_VERSION_AT : UUID_VERSION_AT + 1] != DEVICE_UUID_VERSION:
        yield ".event_id", "must be a UUID of version 7 from a device"
    if not interaction.wall_ms:
        yield ".wall_ms", f"{REQUIRED} of devices"
    if found.rules.expected_rev_required and not interaction.HasField("expected_rev"):
        yield ".expected_rev", f"{REQUIRED} of devices: the rev that was on the screen"


def batch_problems(request: RecordRequest, role: Role) -> Iterator[Problem]:
    """What each role must and may send beside its interactions."""
    if role in {ROLE_DEVICE, ROLE_STAFF} and not request.session_id:
        yield ".session_id", f"{REQUIRED} of devices and staff"
    if role == ROLE_DEVICE and not request.HasField("clock"):
        yield ".clock", f"{REQUIRED} of devices"
    if role != ROLE_SERVICE and request.atomic:
        yield ".atomic", "may be set by services only"
    if role != ROLE_SERVICE and request.HasField("expected_version"):
        yield ".expected_version", "may be set by services only"


def seq_problems(request: RecordRequest, role: Role) -> Iterator[Problem]:
    """Numbers follow one another; or there are none at all, from staff and services."""
    numbers = [interaction.seq for interaction in request.interactions]
    if not any(numbers):
        if role == ROLE_DEVICE:
            yield ".interactions[0].seq", "must be 1 or more from a device"
        return
    if role == ROLE_SERVICE and not request.installation_id:
        yield ".installation_id", f"{REQUIRED} with seq: it owns the numbers"
    first = numbers[0]
    for at, number in enumerate(numbers):
        if number != first + at or not 0 < number <= MAX_SEQ:
            yield f".interactions[{at}].seq", "must be one more than the one before, from 1 on"
            return
