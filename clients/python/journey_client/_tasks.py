"""Tasks that are ended, and work that is not cut in half."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from journey_client._error import NotAnswered

T = TypeVar("T")
_log = logging.getLogger("journey_client")


async def end_task(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it is over; raises what it failed of.

    Whoever waits here may be cancelled, too, and then is, at once: awaiting the task itself could
    not tell the one from the other.
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
        _tell_failure(task)
        raise cancelled
    return task.result()


class Background:
    """What goes on although nobody waits for it: local work, and calls of the service."""

    def __init__(self) -> None:
        self._local: set[asyncio.Task[Any]] = set()
        self._calls: set[asyncio.Task[Any]] = set()

    @property
    def calling(self) -> bool:
        """Whether a call goes on."""
        return bool(self._calls)

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Do local work to its end, also if whoever waits for it is cancelled."""
        return await to_the_end(_kept(work, self._local))

    async def go_on(self, work: Coroutine[Any, Any, T]) -> T:
        """Do what calls the service; whoever is cancelled meanwhile goes, and it goes on.

        Raises NotAnswered where `stop` ends it.
        """
        task, waiting = _kept(work, self._calls), asyncio.current_task()
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled() and waiting is not None and not waiting.cancelling():
                raise NotAnswered("The device was closed before that was done.") from None
            task.add_done_callback(_tell_failure)
            raise

    def begin(self, work: Coroutine[Any, Any, None], *, local: bool = False) -> None:
        """Do it without anybody who waits; `local`: it calls nobody, and is finished."""
        _kept(work, self._local if local else self._calls).add_done_callback(_tell_failure)

    async def stop(self) -> None:
        """End the calls, and wait until what is local is done; also what begins meanwhile."""
        asked: set[asyncio.Task[Any]] = set()
        while left := {task for task in (*self._calls, *self._local) if not task.done()}:
            for task in (left & self._calls) - asked:
                task.cancel()
            asked |= left
            await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)


def _kept(work: Coroutine[Any, Any, T], among: set[asyncio.Task[Any]]) -> asyncio.Task[T]:
    task = asyncio.create_task(work, name="journey device")
    among.add(task)
    task.add_done_callback(among.discard)
    return task


def _tell_failure(task: asyncio.Task[Any]) -> None:
    """Nobody waits who could be told."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.warning("what was asked for was not done: %s", error)
