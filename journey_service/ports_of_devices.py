"""Devices as the core needs them: how they stand, what they are told, how another takes over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from journey.v1.interactions_pb2 import HandoffScope
from journey.v1.references_pb2 import JourneyRef
from journey.v1.sessions_pb2 import (
    Command,
    CommandResult,
    DeviceRecord,
    DeviceStatus,
    Session,
)
from journey_service.domain.devices import Installation
from journey_service.ports import CommandKey


@dataclass(frozen=True, slots=True)
class SignedOutDevice:
    """A device that was signed out, and the sessions that this and other sign-outs ended on it."""

    record: DeviceRecord
    closed: Sequence[Session]
    closed_count: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Ordered:
    """A command to a device, and what became of it."""

    command: Command
    answered: bool = False
    done: bool = False


Moved = Callable[[], None]


class Devices(Protocol):
    """How devices stand, who is present, what devices are told to do. Sealed as sessions are."""

    async def installations_of(self, subject_id: str) -> list[Installation]:
        """All that had a session of the subject, by installation id."""

    async def sign_out(
        self,
        command: CommandKey,
        subject_id: str,
        device_id: str,
        status: DeviceStatus,
        orders: Callable[[str], Command | None],
    ) -> SignedOutDevice:
        """Set the standing of all installations of a device, raise their epochs, close the
        subject's sessions on them, and store for each what `orders` gives, in one transaction.

        A standing never goes back from LOST or WIPED. LOST and WIPED installations are refused to
        everybody. A guest's installation is signed out at most, keeps its epoch and gets nothing
        from `orders`. Repeats as for Sessions.open. Raises CustomerMismatch where the subject has
        no such device.
        """

    async def order(self, subject_id: str, installation_id: str, command: Command) -> None:
        """Store what an installation is told to do; one that is known stays as it is."""

    async def orders(self, subject_id: str, installation_id: str) -> list[Command]:
        """What it is told and has neither answered nor outlived."""

    async def ordered(self, subject_id: str, installation: str, command: str, /) -> Ordered | None:
        """One command, by ids, and what became of it; None where it is unknown or long over."""

    async def answer(
        self, subject_id: str, installation_id: str, results: Sequence[CommandResult]
    ) -> list[Ordered]:
        """Note results; returns the commands that they answered first, and in time."""

    async def be_present(self, until_ms: Mapping[tuple[str, str], int]) -> None:
        """Count sessions, by (subject_id, session_id), as present until then; a time that has
        passed ends it at once."""

    async def present(self, subject_id: str) -> list[tuple[Session, int]]:
        """Open sessions that are present now, and until when, by session id."""

    def tell(self, subject_id: str) -> None:
        """Something of the subject's devices changed: whoever follows it looks again, soon and in
        every process. A hint: it may be lost."""

    def follow(self, subject_id: str, moved: Moved) -> AbstractContextManager[None]:
        """Call `moved` after every `tell` of the subject, on the event loop; it must not block."""


@dataclass(frozen=True, slots=True)
class StoredHandoff:
    """A handoff as its issuer made it. `claimed_by`: who claimed it; empty = nobody."""

    handoff_id: str
    subject_id: str
    session_id: str
    scope: HandoffScope
    journey: JourneyRef | None
    expires_at_ms: int
    claimed_by: str = ""


class Handoffs(Protocol):
    """Codes with which another device takes over; of a code only its hash is stored."""

    async def create(
        self, command: CommandKey, handoff: StoredHandoff, codes: Mapping[str, int], answer: bytes
    ) -> bytes:
        """Store a handoff, the hashes of its codes with their ends, and the answer, in one
        transaction; a repeat gets the answer given then. Raises CommandIdReused."""

    async def find(self, code_hash: str) -> StoredHandoff | None:
        """The handoff of a code, with the end of this code; None where it is unknown.

        What is over is kept for a day. The caller judges the end, and who claimed it.
        """

    async def claim(self, handoff_id: str, claimer: str) -> bool:
        """Use it up; of several claimers at once one wins, who wins again when it repeats."""

    async def count_try(self, claimer: str, *, window_ms: int) -> int:
        """Count a typed code before it is answered; returns how many of the window that makes."""


@dataclass(frozen=True, slots=True)
class InstallationSecret:
    """The keyed hash of the secret by which an installation of visitors is known again, and when it
    was made, ms since 1970 UTC."""

    secret_hash: str
    made_at_ms: int


class Installations(Protocol):
    """Installations by themselves, whoever uses them: sign-in epochs and secrets of visitors."""

    async def epoch(self, installation_id: str, *, asked: int = 0) -> int:
        """The epoch that is in force for a client that knows `asked`, as Sessions.open finds it;
        nothing is written."""

    async def secret(self, installation_id: str) -> InstallationSecret | None:
        """What is kept of the installation's secret; None where visitors never used it."""

    async def keep_secret(self, installation_id: str, secret_hash: str) -> InstallationSecret:
        """Keep the hash of a new secret; returns what is kept. The first one stays for ever."""
