"""What consumer groups need from outside, each method with its contract in words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from journey.v1.groups_pb2 import Group
from journey_service.domain.group_progress import Change, Progress, Stored
from journey_service.domain.groups import Entry
from journey_service.ports import CommandKey

# A caller that pulls: every process may serve it, and a newer pull replaces none.
PULLING = "pull"


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """A group's settings, defaults filled in, how often they were changed, and when the group was
    made (0 = not known)."""

    settings: Group
    revision: int
    created_at_ms: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Figures:
    """A group now, counted in one snapshot. `oldest_ms`: first attempt of the oldest unsettled
    delivery, 0 = none.

    By partition: the progress, the positions of events that are known to be unsettled, and of those
    behind the checkpoint that are settled or aside.
    """

    progress: Mapping[int, Progress]
    consumers: int = 0
    in_flight: int = 0
    parked: int = 0
    held: int = 0
    oldest_ms: int = 0
    unsettled: Mapping[int, Sequence[int]] = field(default_factory=dict)
    done: Mapping[int, Sequence[int]] = field(default_factory=dict)

    @property
    def checkpoints(self) -> dict[int, int]:
        """How far the group is in each partition."""
        return {each.partition: each.checkpoint for each in self.progress.values()}


@dataclass(frozen=True, slots=True)
class Attendance:
    """What consumers have at this moment: the progress of each partition by its number.

    `leaving`: partitions that go to another consumer once nothing of them is in flight.
    `replaced`: consumers whose place a newer stream took. `consumers`: all that are live, anywhere.
    `epoch` rises with every change of who has what. `revision` is of the settings.
    """

    owned: Mapping[int, Progress]
    leaving: frozenset[int] = frozenset()
    replaced: frozenset[str] = frozenset()
    consumers: int = 0
    epoch: int = 0
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked event. `held`: events of its subject that wait behind it."""

    partition: int
    entry: Entry
    held: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A consumer that attends. `stream` tells it from others of its name: a `joining` one takes the
    place of an older stream. Who is not renewed within `life_ms` loses all it had."""

    stream: str
    life_ms: int
    joining: bool = False


class Groups(Protocol):
    """Settings, progress and members of groups. Lives count by the database's clock."""

    async def create(self, settings: Group, checkpoints: Mapping[int, int]) -> StoredGroup | None:
        """Make a group that begins behind these positions; None where its id is taken."""

    async def find(self, group_id: str) -> StoredGroup | None:
        """A group's settings; None where there is none."""

    async def list_of(self, *, limit: int, after: str = "") -> list[StoredGroup]:
        """Groups by id, behind the id `after`."""

    async def update(self, settings: Group, revision: int) -> StoredGroup:
        """Put new settings in place of those of this revision; what no longer has to wait behind
        parked events goes on. Raises GroupNotFound and EtagMismatch."""

    async def delete(self, group_id: str, revision: int, *, force: bool) -> bool:
        """Remove a group with all that is known of its progress; False = there is none.

        Raises EtagMismatch, and ParkedPresent where events are parked, unless `force`.
        """

    async def seek(
        self,
        command: CommandKey,
        group_id: str,
        checkpoints: Mapping[int, int],
        *,
        ends: Mapping[int, int] | None = None,
        discard_parked: bool,
        answer: bytes,
    ) -> bytes:
        """Move the progress, end what is in flight by a new epoch, and store the answer, in one
        transaction. What was delivered before counts as replayed from now on.

        With `ends` what is settled up to there comes again, in place of what is left of an earlier
        range, and then the group goes on where it stood; else all behind the places comes.

        A known command gets its answer of then. Raises CommandIdReused, GroupNotFound, and
        ReplayRunning while parked events are delivered again.
        """

    async def figures(self, group_id: str) -> Figures | None:
        """How a group stands; None where there is none."""

    async def attend(self, group_id: str, members: Mapping[str, Member]) -> Attendance | None:
        """Renew consumers, by their ids, share the partitions among all that are live, and tell
        what these have; None where there is no group."""

    async def leave(self, group_id: str, consumer_id: str, stream: str) -> None:
        """A consumer went; nothing happens where a newer stream took its place."""

    async def load(self, group_id: str, partitions: Collection[int]) -> dict[int, Stored]:
        """What is known of these partitions, each as of one moment; empty without a group."""

    async def save(self, group_id: str, changes: Sequence[Change]) -> frozenset[int]:
        """Store changes, in one transaction; returns the partitions that were stored. The others
        have another epoch or revision by now, and nothing of them was written.

        Raises StorageUnavailable (nothing written) and OutcomeUnknown.
        """

    async def parked(self, group_id: str) -> list[Parked]:
        """All parked events, by partition and position."""

    async def replay(
        self,
        command: CommandKey,
        group_id: str,
        places: Sequence[tuple[int, int]],
        answer: Callable[[int], bytes],
    ) -> bytes:
        """Let parked events, by (partition, position), be delivered again; what waits behind them
        comes after them. `answer` is given how many these are; it is stored with the command.

        Raises CommandIdReused, GroupNotFound, and ReplayRunning while an earlier replay goes on.
        """

    async def discard(
        self,
        command: CommandKey,
        group_id: str,
        places: Sequence[tuple[int, int]],
        answer: Callable[[int], bytes],
    ) -> bytes:
        """The same, but drop them for good; what waits behind them goes on."""
