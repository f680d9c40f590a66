"""Many questions in one statement: while one is under way, the next ones gather.

    ask ──▶ waiting ──▶ group ──▶ one statement over one connection ──▶ answers

As with commits nobody waits for a fuller group, so a question that comes alone is asked at once. A
statement begins after all of its questions came, so what it reads is as fresh as they want it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

# A group that takes long must not hold up all others; groups of few would be no groups.
AT_ONCE = 2
ANOTHER_FROM = 16
MOST = 64


class Gathering(Generic[Q, A]):
    """Asks in groups. `answer` gives the answers to some questions, in their order."""

    def __init__(self, answer: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]) -> None:
        self._answer = answer
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._under_way: set[asyncio.Task[None]] = set()

    async def ask(self, question: Q) -> A:
        """The answer; raises what answering the group raises."""
        answered: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answered))
        if len(self._under_way) < AT_ONCE and (
            not self._under_way or len(self._waiting) >= ANOTHER_FROM
        ):
            self._under_way.add(asyncio.create_task(self._run()))
        return await answered

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._answer_some()
        finally:
            # At once, for whoever asks from now on needs a task of its own.
            task = asyncio.current_task()
            assert task is not None
            self._under_way.discard(task)

    async def _answer_some(self) -> None:
        """Answer the next ones, but those who have given up."""
        group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        group = [each for each in group if not each[1].done()]
        try:
            answers = await self._answer([question for question, _ in group]) if group else ()
        except Exception as error:  # noqa: BLE001  each of the group is told
            for _, answered in group:
                if not answered.done():
                    answered.set_exception(error)
        except asyncio.CancelledError:
            for _, answered in group:
                answered.cancel()
            raise
        else:
            for (_, answered), answer in zip(group, answers, strict=True):
                if not answered.done():
                    answered.set_result(answer)
