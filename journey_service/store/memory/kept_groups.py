"""What a group in memory holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from journey.v1.groups_pb2 import Group
from journey_service.domain.group_book import UNSETTLED
from journey_service.domain.group_progress import Change, Progress, Stored
from journey_service.domain.groups import Entry, Standing, forgotten_by_seek

# Unsettled entries before the checkpoint that are given out at once.
MOST_BEFORE = 1_000


@dataclass(slots=True)
class Present:
    """A live consumer."""

    stream: str
    until_ms: int


@dataclass(slots=True)
class KeptGroup:
    """A group with all that is known of it."""

    settings: Group
    progress: dict[int, Progress]
    revision: int = 1
    epoch: int = 0
    members: dict[str, Present] = field(default_factory=dict)
    entries: dict[int, dict[int, Entry]] = field(default_factory=lambda: defaultdict(dict))

    def all(self, standing: Standing) -> Iterator[tuple[int, Entry]]:
        """(partition, entry), in order."""
        for partition in sorted(self.entries):
            for position in sorted(self.entries[partition]):
                entry = self.entries[partition][position]
                if entry.standing == standing:
                    yield partition, entry

    def positions(
        self, standings: Collection[Standing], *, behind_checkpoint: bool = False
    ) -> dict[int, list[int]]:
        """Of events that stand so, by partition."""
        return {
            partition: [
                position
                for position, entry in sorted(row.items())
                if entry.standing in standings
                and (position > self.progress[partition].checkpoint or not behind_checkpoint)
            ]
            for partition, row in self.entries.items()
        }

    def parked_in(self, partition: int) -> dict[str, int]:
        """The lowest parked position of each subject."""
        lowest: dict[str, int] = {}
        for position in sorted(self.entries[partition]):
            entry = self.entries[partition][position]
            if entry.standing == Standing.PARKED:
                lowest.setdefault(entry.subject_id, position)
        return lowest

    @property
    def is_replaying(self) -> bool:
        """Whether parked events are delivered again."""
        return any(entry.replaying for row in self.entries.values() for entry in row.values())

    def release(self, partitions: Iterable[int]) -> None:
        """What waits behind nothing parked any more goes on."""
        for partition in partitions:
            parked = self.parked_in(partition)
            for position, entry in self.entries[partition].items():
                behind = parked.get(entry.subject_id, position) < position
                if entry.standing == Standing.HELD and not behind:
                    self.entries[partition][position] = replace(entry, standing=Standing.WAITING)
            self.touch(partition)

    def touch(self, partition: int) -> None:
        """Whoever holds what it knew of the partition looks again."""
        old = self.progress[partition]
        self.progress[partition] = replace(old, revision=old.revision + 1)


def stored(group: KeptGroup, partition: int) -> Stored:
    """What is known of a partition."""
    progress = group.progress[partition]
    entries = sorted(group.entries[partition].values(), key=lambda entry: entry.position)
    behind = [entry for entry in entries if entry.position > progress.checkpoint]
    before = [
        entry
        for entry in entries
        if entry.position <= progress.checkpoint and entry.standing in UNSETTLED
    ]
    return Stored(
        progress,
        (*before[:MOST_BEFORE], *behind),
        group.parked_in(partition),
        more=len(before) > MOST_BEFORE,
        aside=frozenset(one.position for one in entries if one.standing == Standing.PARKED),
    )


def is_current(group: KeptGroup, change: Change) -> bool:
    """Whether a change was made of what is stored."""
    stored = group.progress[change.progress.partition]
    return (stored.epoch, stored.revision) == (change.progress.epoch, change.progress.revision)


def is_behind(parked: Entry, partition: int, held: tuple[int, Entry]) -> bool:
    """Whether an entry waits behind a parked one."""
    return (
        held[0] == partition
        and held[1].subject_id == parked.subject_id
        and held[1].position > parked.position
    )


def forget(
    group: KeptGroup,
    partition: int,
    place: int,
    ends: Mapping[int, int] | None,
    *,
    discard_parked: bool,
) -> None:
    """A partition as a seek leaves it, at the epoch of the group."""
    progress, entries = group.progress[partition], group.entries[partition]
    furthest = max(entries, default=0)
    gone = forgotten_by_seek(is_range=ends is not None, discard_parked=discard_parked)
    if ends is None:
        group.progress[partition] = progress.sought(group.epoch, place, furthest)
        doomed = [*entries]
    else:
        end = ends[partition]
        group.progress[partition] = progress.again(group.epoch, place, end, furthest)
        doomed = [position for position in entries if place < position <= end]
    for position in doomed:
        if entries[position].standing in gone:
            del entries[position]


def settle(group: KeptGroup, partition: int, entry: Entry) -> None:
    """A discarded event is settled; behind the checkpoint that has to be known."""
    if entry.position > group.progress[partition].checkpoint:
        group.entries[partition][entry.position] = replace(entry, standing=Standing.SETTLED)
    else:
        del group.entries[partition][entry.position]


def copy_of(settings: Group) -> Group:
    """Other settings with the same content."""
    twin = Group()
    twin.CopyFrom(settings)
    return twin
