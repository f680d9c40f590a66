"""What the envelope of an interaction, and a batch as a whole, must be like.

Problems are pairs of a path and the rule that is broken, as in fields.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_SERVICE, ROLE_STAFF, Role
from journey.v1.interactions_pb2 import CHANNEL_OTHER, Channel, Interaction
from journey.v1.journey_service_pb2 import RecordRequest
from journey_service.domain.catalogue import CUSTOM_KIND, InteractionType
from journey_service.domain.fields import REQUIRED, Problem, Problems

# The version digit of a UUID as text.
UUID_VERSION_AT = 14
DEVICE_UUID_VERSION = "7"
MAX_SEQ = 2**63 - 1


def envelope_problems(
    interaction: Interaction, found: InteractionType, role: Role, custom_kinds: Collection[str]
) -> Problems:
    """What the type and the role demand of the envelope, beyond the rules of its fields."""
    kind = interaction.journey.kind
    problems: list[Problem] = []
    if kind not in found.kinds or found.restricted:
        problems += _journey_problems(interaction, found, kind, custom_kinds)
    if interaction.channel == CHANNEL_OTHER or interaction.channel_label:
        problems += channel_problems(interaction.channel, interaction.channel_label)
    if not found.machine and interaction.HasField("expected_rev"):
        problems.append((".expected_rev", "must be left out: this type has none"))
    if interaction.device_id and role != ROLE_SERVICE:
        problems.append((".device_id", "must be left out: the session tells the device"))
    if role == ROLE_DEVICE:
        problems += _device_problems(interaction, found)
    return problems


def _journey_problems(
    interaction: Interaction, found: InteractionType, kind: str, custom_kinds: Collection[str]
) -> Problems:
    """The journey is there, of a kind of the type, or absent, as the type says."""
    if not interaction.HasField("journey"):
        missing = found.kinds and not found.rules.journey_optional
        return ((".journey", REQUIRED),) if missing else ()
    if not found.kinds:
        return ((".journey", "must be left out: this type belongs to no journey"),)
    if kind not in found.kinds and not _takes(found, kind, custom_kinds):
        return ((".journey.kind", f"must be {' or '.join(sorted(found.kinds))}"),)
    return _value_problems(interaction, found, kind)


def _takes(found: InteractionType, kind: str, custom_kinds: Collection[str]) -> bool:
    """Where any kind is taken an unknown one is told already; an empty one everywhere."""
    if found.takes_any_kind or not kind:
        return True
    return CUSTOM_KIND in found.kinds and kind in custom_kinds


def _value_problems(interaction: Interaction, found: InteractionType, kind: str) -> Problems:
    body = getattr(interaction, found.field)
    return [
        (
            f".{found.field}.{value.field}",
            f"may be {value.name} for {' or '.join(sorted(value.kinds))} only",
        )
        for value in found.restricted
        if value.kinds and kind not in value.kinds and getattr(body, value.field) == value.number
    ]


def channel_problems(channel: Channel, label: str) -> Problems:
    """A channel that is not listed is named by a label, and only such a one."""
    if channel == CHANNEL_OTHER and not label:
        return ((".channel_label", f"{REQUIRED} with CHANNEL_OTHER"),)
    if channel != CHANNEL_OTHER and label:
        return ((".channel_label", "must be left out but with CHANNEL_OTHER"),)
    return ()


def _device_problems(interaction: Interaction, found: InteractionType) -> Problems:
    """What others may leave out. A wrong clock is never a violation, a missing one is."""
    problems = []
    if interaction.event_id[UUID_VERSION_AT : UUID_VERSION_AT + 1] != DEVICE_UUID_VERSION:
        problems.append((".event_id", "must be a UUID of version 7 from a device"))
    if not interaction.wall_ms:
        problems.append((".wall_ms", f"{REQUIRED} of devices"))
    if found.rev_required and not interaction.HasField("expected_rev"):
        rule = f"{REQUIRED} of devices: the rev that was on the screen"
        problems.append((".expected_rev", rule))
    return problems


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
