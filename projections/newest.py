"""The newest of a set of writes: a part of bounded size that keeps every rule of the others.

The newest of a union are the newest of the newest of its parts; so in whatever order they come, the
same are kept.
"""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer as Repeated

from journey.v1.folds_pb2 import Write
from projections.fold import include, order_of


def keep_newest_writes(writes: Repeated[Write], write: Write, most: int) -> None:
    """Add a write, once, and drop what is then too much: the oldest by occurrence."""
    include(writes, write)
    drop_oldest(writes, most)


def drop_oldest(writes: Repeated[Write], most: int) -> None:
    """Drop all but the newest by occurrence. Whoever adds many writes does it once, at the end."""
    too_many = len(writes) - most
    if too_many <= 0:
        return
    times = [each.t_ms for each in writes]
    # Nearly always the times tell; the whole order of all of them costs five times as much.
    border = sorted(times)[too_many - 1]
    oldest = [index for index, t_ms in enumerate(times) if t_ms <= border]
    oldest.sort(key=lambda index: order_of(writes[index]))
    for index in sorted(oldest[:too_many], reverse=True):
        del writes[index]


def join_newest(mine: Repeated[Write], theirs: Iterable[Write], most: int) -> None:
    """The newest of both."""
    for write in theirs:
        include(mine, write)
    drop_oldest(mine, most)
