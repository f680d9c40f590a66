"""Batches for the contract suites: an act has a number, and is the same whenever it is named."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar
from uuid import NAMESPACE_OID, uuid5

from journey.v1.events_pb2 import Event
from journey_service.domain.batch import Batch, Candidate
from journey_service.domain.identity import partition_of
from journey_service.ports import Clock, Journal, Sessions, States
from journey_service.ports_of_devices import Devices, Handoffs, Installations
from journey_service.ports_of_erasure import Erasure
from journey_service.ports_of_groups import Groups
from journey_service.ports_of_identity import Identities
from tests.domain.samples import NOW, PHONE, SERVICE, SUBJECT, batch, candidate, pause

T = TypeVar("T")


class Store(Protocol):
    """The ports over one memory, whatever it is."""

    @property
    def journal(self) -> Journal: ...
    @property
    def states(self) -> States: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def devices(self) -> Devices: ...
    @property
    def handoffs(self) -> Handoffs: ...
    @property
    def installations(self) -> Installations: ...
    @property
    def groups(self) -> Groups: ...
    @property
    def identities(self) -> Identities: ...
    @property
    def erasure(self) -> Erasure: ...
    @property
    def clock(self) -> Clock: ...


def act_id(subject: str, installation: str, number: int) -> str:
    """The event id of one act."""
    return str(uuid5(NAMESPACE_OID, f"{subject}/{installation}/{number}"))


def act(
    number: int, subject: str = SUBJECT, installation: str = PHONE, **envelope: Any
) -> Candidate:
    """One act of an installation, by its number."""
    interaction = pause(number, **{"event_id": act_id(subject, installation, number)} | envelope)
    return candidate(interaction)


def acts(*numbers: int, subject: str = SUBJECT, installation: str = PHONE, **facts: Any) -> Batch:
    """A device's batch with the acts of these numbers."""
    found = (act(number, subject, installation) for number in numbers)
    return batch(*found, subject_id=subject, installation_id=installation, **facts)


def _report(number: int, subject: str, reporter: str) -> Candidate:
    interaction = act(number, subject, reporter).interaction
    interaction.seq = 0
    return candidate(interaction)


def reports(*numbers: int, subject: str = SUBJECT, reporter: str = "orders", **facts: Any) -> Batch:
    """A back end's batch: unsequenced, known by event id alone."""
    found = (_report(number, subject, reporter) for number in numbers)
    return batch(
        *found,
        subject_id=subject,
        installation_id=reporter,
        sequenced=False,
        actor=SERVICE,
        clock=None,
        **facts,
    )


def partition(journal: Journal, subject: str = SUBJECT) -> int:
    """Where the subject's stream lies."""
    return partition_of(subject, journal.partition_count)


async def whole(journal: Journal, subject: str = SUBJECT) -> list[Event]:
    """The subject's stream, up to a page of it."""
    return await journal.read_stream(subject)


def versions(events: Sequence[Event]) -> list[int]:
    return [event.version for event in events]


def positions(events: Sequence[Event]) -> list[int]:
    return [event.position for event in events]


async def outcomes(work: Sequence[Awaitable[T]]) -> list[T | BaseException]:
    """What becomes of each, all begun at once."""
    return await asyncio.gather(*work, return_exceptions=True)


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Let others run until it is so."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  no event tells of it
            await asyncio.sleep(0.001)


__all__ = [
    "NOW",
    "PHONE",
    "SUBJECT",
    "Store",
    "act",
    "act_id",
    "acts",
    "outcomes",
    "partition",
    "positions",
    "reports",
    "until",
    "versions",
    "whole",
]
