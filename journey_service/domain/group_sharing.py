"""Which consumer of a group has which partition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sharing:
    """New owners of the partitions that change hands now ("" = nobody), and the partitions that
    will once nothing of them is in flight."""

    moves: Mapping[int, str]
    leaving: frozenset[int] = frozenset()


def share(owners: Mapping[int, str], busy: Collection[int], consumers: Collection[str]) -> Sharing:
    """Share partitions evenly among live consumers, moving as few as possible.

    `owners`: consumer by partition, "" or one that is not live = free. `busy`: partitions with
    deliveries in flight; they stay with a live owner until these are settled.
    """
    if not consumers:
        return Sharing({partition: "" for partition, owner in owners.items() if owner})
    kept = _kept(owners, sorted(consumers))
    wanting = iter(_wanting(kept, len(owners)))
    moves, leaving = {}, set()
    for partition in sorted(owners):
        owner = owners[partition]
        if partition in kept.get(owner, ()):
            continue
        taker = next(wanting)
        if owner in kept and partition in busy:
            leaving.add(partition)
        else:
            moves[partition] = taker
    return Sharing(moves, frozenset(leaving))


def _kept(owners: Mapping[int, str], consumers: Sequence[str]) -> dict[str, list[int]]:
    """The partitions that each consumer keeps: its own, up to its part."""
    own: defaultdict[str, list[int]] = defaultdict(list)
    for partition in sorted(owners):
        own[owners[partition]].append(partition)
    part, more = divmod(len(owners), len(consumers))
    # Who has most may have one more, so that it keeps what it has.
    greatest_first = sorted(consumers, key=lambda name: (-len(own[name]), name))
    return {name: own[name][: part + (place < more)] for place, name in enumerate(greatest_first)}


def _wanting(kept: Mapping[str, Sequence[int]], partitions: int) -> list[str]:
    """Names of consumers, as often as each lacks a partition; taking turns."""
    part, more = divmod(partitions, len(kept))
    rooms = {
        name: part + (place < more) - len(mine) for place, (name, mine) in enumerate(kept.items())
    }
    return [name for turn in range(part + 1) for name, room in rooms.items() if room > turn]
