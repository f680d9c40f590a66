import asyncio
from collections.abc import Sequence

import pytest

from journey_service.store.postgres.gathering import ANOTHER_FROM, MOST, Gathering


class Asked:
    """Answers questions with their doubles, when it may; remembers the groups."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.may = asyncio.Event()
        self.gathering = Gathering(self._answer)

    async def _answer(self, questions: Sequence[int]) -> list[int]:
        self.groups.append([*questions])
        await self.may.wait()
        if 13 in questions:
            raise ValueError("13")
        return [2 * question for question in questions]

    def ask(self, *questions: int) -> list[asyncio.Task[int]]:
        return [asyncio.create_task(self.gathering.ask(each)) for each in questions]


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_question_that_comes_alone_is_asked_at_once() -> None:
    asked = Asked()
    asked.may.set()
    assert await asked.gathering.ask(4) == 8
    assert asked.groups == [[4]]


async def test_what_comes_while_a_group_is_under_way_is_asked_together() -> None:
    asked = Asked()
    first = asked.ask(1)
    await turns()
    others = asked.ask(2, 3, 4)
    await turns()
    asked.may.set()
    assert await asyncio.gather(*first, *others) == [2, 4, 6, 8]
    assert asked.groups == [[1], [2, 3, 4]]


async def test_many_that_wait_do_not_wait_for_a_group_that_takes_long() -> None:
    asked = Asked()
    asked.ask(0)
    await turns()
    asked.ask(*range(1, ANOTHER_FROM + 1))
    await turns()
    assert asked.groups == [[0], [*range(1, ANOTHER_FROM + 1)]]
    asked.ask(*range(100))
    await turns()
    assert len(asked.groups) == 2
    asked.may.set()


async def test_a_group_holds_no_more_than_so_many() -> None:
    asked = Asked()
    asked.may.set()
    answers = await asyncio.gather(*asked.ask(*range(100, 100 + MOST + 1)))
    assert answers == [2 * question for question in range(100, 100 + MOST + 1)]
    assert [len(group) for group in asked.groups] == [MOST, 1]


async def test_each_of_a_group_is_told_of_its_error_and_the_next_group_is_asked() -> None:
    asked = Asked()
    doomed = asked.ask(12, 13)
    await turns()
    spared = asked.ask(14)
    asked.may.set()
    assert await asyncio.gather(*spared) == [28]
    for each in doomed:
        with pytest.raises(ValueError, match="13"):
            await each


async def test_who_has_given_up_is_not_asked_for() -> None:
    asked = Asked()
    first = asked.ask(1)
    await turns()
    waiting = asked.ask(2, 3)
    await turns()
    waiting[0].cancel()
    first[0].cancel()
    await turns()
    asked.may.set()
    assert await waiting[1] == 6
    assert asked.groups == [[1], [3]]


async def test_a_group_of_which_all_have_given_up_holds_nobody_up() -> None:
    asked = Asked()
    first = asked.ask(1)
    await turns()
    for each in asked.ask(*range(2, 12)):
        await turns(1)
        each.cancel()
    asked.may.set()
    await asyncio.gather(*first)
    await turns()
    assert await asked.gathering.ask(5) == 10
    assert asked.groups == [[1], [5]]


async def test_who_asks_in_the_moment_in_which_a_group_ends_is_answered() -> None:
    asked = Asked()
    asked.may.set()
    for question in range(20, 30):
        # An answer lets its asker go on before the task that gave it is gone.
        async with asyncio.timeout(5):
            assert await asked.gathering.ask(question) == 2 * question


async def test_a_group_that_is_cancelled_cancels_those_who_wait_for_it() -> None:
    asked = Asked()
    waiting = asked.ask(1)
    await turns()
    for task in tuple(asked.gathering._under_way):
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting[0]
