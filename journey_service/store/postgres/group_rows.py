"""Rows of the tables of groups, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg

from journey.v1.groups_pb2 import Group
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.group_book import UNSETTLED
from journey_service.domain.group_progress import Stored
from journey_service.domain.groups import Entry, Standing
from journey_service.ports_of_groups import Figures, Parked, StoredGroup
from journey_service.store.codec import open_sealed, seal
from journey_service.store.keys import SubjectKeys
from journey_service.store.postgres.group_members import progress_of

# Unsettled entries before the checkpoint that are loaded at once, of a partition.
MOST_BEFORE = 1_000


def content(settings: Group) -> bytes:
    """What is stored of settings."""
    return settings.SerializeToString(deterministic=True)


def stored_group(row: asyncpg.Record) -> StoredGroup:
    """A row of find_group or list_groups."""
    return StoredGroup(Group.FromString(row["settings"]), row["revision"], row["created_at_ms"])


def stored(
    row: asyncpg.Record,
    entries: Mapping[int, list[Entry]],
    parked: Mapping[int, dict[str, int]],
    aside: Mapping[int, set[int]],
) -> Stored:
    """What is known of the partition of a row of read_group_progress."""
    progress = progress_of(row)
    found = sorted(entries.get(progress.partition, ()), key=lambda entry: entry.position)
    before = [one for one in found if one.position <= progress.checkpoint]
    behind = [one for one in found if one.position > progress.checkpoint]
    before = [one for one in before if one.standing in UNSETTLED]
    return Stored(
        progress,
        (*before[:MOST_BEFORE], *behind),
        parked.get(progress.partition, {}),
        more=len(before) > MOST_BEFORE,
        aside=frozenset(aside.get(progress.partition, ())),
    )


def figures_of(rows: Sequence[asyncpg.Record]) -> Figures:
    """The rows of group_figures."""
    return Figures(
        progress={row["partition"]: progress_of(row) for row in rows},
        consumers=rows[0]["consumers"],
        in_flight=sum(row["in_flight"] for row in rows),
        parked=sum(row["parked"] for row in rows),
        held=sum(row["held"] for row in rows),
        oldest_ms=min((row["oldest_ms"] for row in rows if row["oldest_ms"]), default=0),
        unsettled={row["partition"]: row["unsettled"] for row in rows if row["unsettled"]},
        done={row["partition"]: row["done"] for row in rows if row["done"]},
    )


def entry_of(row: asyncpg.Record) -> Entry:
    """A row of load_deliveries."""
    return Entry(
        position=row["position"],
        subject_id=row["subject_id"],
        standing=Standing(row["standing"]),
        attempt=row["attempt"],
        due_ms=row["due_ms"],
        consumer_id=row["consumer_id"],
        epoch=row["epoch"],
        first_ms=row["first_ms"],
        replayed=row["replayed"],
        replaying=row["replaying"],
        topic=row["topic"],
    )


def delivery_row(
    group_id: str, partition: int, entry: Entry, keys: SubjectKeys | None
) -> tuple[object, ...]:
    """What save_deliveries writes; the reason of a parked one is sealed."""
    reason = None
    if entry.reason and keys is not None:
        reason = seal(keys, entry.reason.encode(), *_place(group_id, partition, entry.position))
    return (
        partition,
        entry.position,
        entry.subject_id,
        entry.standing.value,
        entry.attempt,
        entry.due_ms,
        entry.consumer_id,
        entry.epoch,
        entry.first_ms,
        entry.replayed,
        entry.replaying,
        entry.topic,
        keys.version if reason is not None and keys is not None else 0,
        reason,
    )


def _place(group_id: str, partition: int, position: int) -> tuple[str | int, ...]:
    """What a sealed reason is bound to, besides journal, subject and key."""
    return ("parked", group_id, partition, position)


def parked_event(group_id: str, row: asyncpg.Record, keys: SubjectKeys | None) -> Parked:
    """A row of read_parked."""
    entry = Entry(
        position=row["position"],
        subject_id=row["subject_id"],
        standing=Standing.PARKED,
        attempt=row["attempt"],
        due_ms=row["due_ms"],
        consumer_id=row["consumer_id"],
        first_ms=row["first_ms"],
        topic=row["topic"],
        reason=_opened(group_id, row, keys),
    )
    return Parked(row["partition"], entry, row["held"])


def _opened(group_id: str, row: asyncpg.Record, keys: SubjectKeys | None) -> str:
    if row["reason"] is None or keys is None:
        return ""
    place = _place(group_id, row["partition"], row["position"])
    try:
        return open_sealed(keys, row["reason"], row["key_version"], *place).decode()
    except EventUnreadable:
        return ""
