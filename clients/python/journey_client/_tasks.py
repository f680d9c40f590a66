"""Tasks that are ended, and work that is not cut in half."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def end_task(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it is over; raises what it failed of.

    Whoever waits here may be cancelled, too, and then is: awaiting the task itself could not tell
    the one from the other.
    """
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()


async def to_the_end(work: Coroutine[Any, Any, T] | asyncio.Task[T]) -> T:
    """Do what belongs together, as a file and what is in memory of it, to its end.

    Whoever waits here and is cancelled is held up for that long, so it is for local work alone.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as asked:
            cancelled = asked
    if cancelled is not None:
        if not task.cancelled():
            task.exception()  # Nobody is there who could be told.
        raise cancelled
    return task.result()
