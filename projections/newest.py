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
    if len(writes) > most:
        orders = [order_of(each) for each in writes]
        del writes[orders.index(min(orders))]


def join_newest(mine: Repeated[Write], theirs: Iterable[Write], most: int) -> None:
    """The newest of both."""
    for write in theirs:
        keep_newest_writes(mine, write, most)
