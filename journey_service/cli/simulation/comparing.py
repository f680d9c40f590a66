"""Whether all devices show the same, byte for byte, and the same as the service reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

from journey.v1.journeys_pb2 import Journey
from journey_client import View
from journey_service.cli.output import resume_point

Key = tuple[str, str]
SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows of a customer."""

    journeys: Mapping[Any, Journey] = field(default_factory=dict)
    continue_list: tuple[Key, ...] = ()


def shown_by(view: View) -> Shown:
    """What a device shows."""
    listed = tuple((each.ref.kind, each.ref.journey_id) for each in view.continue_list)
    return Shown(view.journeys, listed)


def differences(shown: Mapping[str, Shown]) -> list[str]:
    """Every journey that is not the same for all, in words; empty: all bytes are equal."""
    keys = sorted({key for one in shown.values() for key in one.journeys})
    told = [line for key in keys for line in _of_journey(key, shown)]
    lists = {who: one.continue_list for who, one in shown.items()}
    if len(set(lists.values())) > 1:
        told += [f"continue list of {who}: {_names(keys)}" for who, keys in lists.items()]
    return told


def _of_journey(key: Key, shown: Mapping[str, Shown]) -> Iterator[str]:
    found = {who: one.journeys.get(key) for who, one in shown.items()}
    if len({_bytes(journey) for journey in found.values()}) == 1:
        return
    yield f"{'/'.join(key)} differs in {', '.join(_fields(list(found.values())))}:"
    for who, journey in found.items():
        yield f"  {who:8} {resume_point(journey) or _plain(journey) if journey else 'not there'}"


def _fields(journeys: list[Journey | None]) -> list[str]:
    """Names of the fields that are not the same for all."""
    names = [each.name for each in Journey.DESCRIPTOR.fields]
    there = [journey for journey in journeys if journey is not None]
    if len(there) < len(journeys):
        return ["being there"]
    return [
        name for name in names if len({_of_field(getattr(journey, name)) for journey in there}) > 1
    ]


def _of_field(value: object) -> str:
    if isinstance(value, Message):
        return value.SerializeToString(deterministic=True).hex()
    return str(value)


def _bytes(journey: Journey | None) -> bytes | None:
    return None if journey is None else journey.SerializeToString(deterministic=True)


def _plain(journey: Journey) -> str:
    return f"checksum {journey.checksum:016x}"


def _names(keys: tuple[Key, ...]) -> str:
    return ", ".join("/".join(key) for key in keys) or "empty"
