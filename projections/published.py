"""What published states have in common: lists cut to their newest entries, and conflicts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer as Repeated
from google.protobuf.message import Message

from journey.v1.events_pb2 import Occurrence
from journey.v1.folds_pb2 import Tagged, Write
from journey.v1.journeys_pb2 import Conflict
from projections import thresholds
from projections.fold import Order, latest, order_of

M = TypeVar("M", bound=Message)
# Days that are counted are those of UTC.
DAY_MS = 24 * 60 * 60 * 1_000


def keep_newest(
    entries: Repeated[M],
    when: Callable[[int], Order | int],
    most: int = thresholds.ENTRIES_MOST,
    most_bytes: int = thresholds.LIST_BYTES,
) -> bool:
    """Cut a published list to its newest entries, in place; returns whether any was cut.

    `when` tells by index how new an entry is. The order of the others stays.
    """
    sizes = [each.ByteSize() for each in entries]
    if len(sizes) <= most and sum(sizes) <= most_bytes:
        return False
    kept: set[int] = set()
    left = most_bytes
    by_age: Callable[[int], Any] = when
    for index in sorted(range(len(sizes)), key=by_age, reverse=True)[:most]:
        left -= sizes[index]
        if left < 0:
            break
        kept.add(index)
    for index in reversed(range(len(sizes))):
        if index not in kept:
            del entries[index]
    return True


def occurrence_of(order: Order) -> Occurrence:
    """A place in the order of occurrence as devices get it."""
    t_ms, counter, installation_id, seq, _subject_id, _version = order
    return Occurrence(t_ms=t_ms, counter=counter, installation_id=installation_id, seq=seq)


def losing(tagged: Tagged) -> list[Write]:
    """Concurrent writes of a register that lost and say something else than the latest."""
    chosen = latest(tagged.tags)
    if chosen is None:
        return []
    return [write for write in tagged.tags if _value(write) != _value(chosen)]


def is_text(value: str) -> bool:
    """Whether it can be stored: JSON can name halves of characters."""
    return not any("\ud800" <= each <= "\udfff" for each in value)


def as_text(value: object) -> str:
    """A value as JSON, always the same for the same value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text if is_text(text) else json.dumps(value, sort_keys=True, separators=(",", ":"))


def told_conflicts(losers: Iterable[tuple[str, str, Write]]) -> list[Conflict]:
    """The newest of (field, losing value as JSON, its write), newest first."""
    newest = sorted(losers, key=lambda loser: order_of(loser[2]), reverse=True)
    return [
        Conflict(field=field, json=value, occurrence=occurrence_of(order_of(write)))
        for field, value, write in newest[: thresholds.CONFLICTS_MOST]
    ]


def _value(write: Write) -> tuple[str, int]:
    return (write.text, write.number)
