"""The settings of a group: their defaults and limits, what may change; and its repeatable calls."""

from __future__ import annotations

import hashlib

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from journey.v1.groups_pb2 import ON_PARK_HOLD, Group
from journey_service.domain.errors import FieldViolations
from journey_service.domain.identity import Principal
from journey_service.ports import CommandKey
from journey_service.settings import Settings

CHANGEABLE = ("lease_ms", "max_attempts", "min_backoff_ms", "max_backoff_ms", "on_park")
OUTPUT = ("checkpoint", "stats", "etag")


def with_defaults(sent: Group, settings: Settings) -> Group:
    """What is stored of a group as it was sent. Raises FieldViolations."""
    if not sent.group_id:
        raise FieldViolations.one("group.group_id", "required")
    if not sent.purpose:
        raise FieldViolations.one("group.purpose", "required")
    group = Group()
    group.CopyFrom(sent)
    for name in OUTPUT:
        group.ClearField(name)
    group.filter.SetInParent()
    group.lease_ms = group.lease_ms or settings.group_lease_ms
    group.max_attempts = group.max_attempts or settings.group_attempts
    group.min_backoff_ms = group.min_backoff_ms or settings.group_backoff_ms
    group.max_backoff_ms = group.max_backoff_ms or settings.group_backoff_most_ms
    group.on_park = group.on_park or ON_PARK_HOLD
    _check(group, settings)
    return group


def changed(stored: Group, sent: Group, mask: FieldMask, settings: Settings) -> Group:
    """The settings with those of the mask put in place; 0 = the default. Raises FieldViolations."""
    if not mask.paths:
        raise FieldViolations.one("update_mask", f"some of {', '.join(CHANGEABLE)}")
    group = Group()
    group.CopyFrom(stored)
    for index, path in enumerate(mask.paths):
        if path not in CHANGEABLE:
            raise FieldViolations.one(
                f"update_mask.paths[{index}]", f"one of {', '.join(CHANGEABLE)}"
            )
        setattr(group, path, getattr(sent, path))
    return with_defaults(group, settings)


def _check(group: Group, settings: Settings) -> None:
    least, most = settings.group_lease_least_ms, settings.group_lease_most_ms
    if not least <= group.lease_ms <= most:
        raise FieldViolations.one("group.lease_ms", f"{least} to {most}")
    if not 1 <= group.max_attempts <= settings.group_attempts_most:
        raise FieldViolations.one("group.max_attempts", f"1 to {settings.group_attempts_most}")
    if group.min_backoff_ms < 0:
        raise FieldViolations.one("group.min_backoff_ms", "at least 0")
    if group.max_backoff_ms < group.min_backoff_ms:
        raise FieldViolations.one("group.max_backoff_ms", "at least min_backoff_ms")


def command_of(principal: Principal, command_id: str, request: Message) -> CommandKey:
    """A repeatable call of a caller. Raises FieldViolations."""
    if not command_id:
        raise FieldViolations.one("command_id", "required")
    content = request.SerializeToString(deterministic=True)
    caller = f"{principal.role}/{principal.id}"
    return CommandKey(command_id, caller, hashlib.sha256(content).digest())
