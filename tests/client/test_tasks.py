"""Work that goes on although nobody waits for it."""

from __future__ import annotations

import asyncio
import logging

import pytest

from journey_client._error import NotAnswered
from journey_client._tasks import Background, end_task, to_the_end

PATIENCE_S = 10


async def test_local_work_is_done_whole_and_then_whoever_waited_is_cancelled() -> None:
    done: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.append("file")
        await asyncio.sleep(0.01)
        done.append("memory")

    waiting = asyncio.ensure_future(to_the_end(work()))
    for _ in range(3):
        await asyncio.sleep(0.002)
        waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert done == ["file", "memory"]


async def test_who_ends_a_task_may_be_cancelled_meanwhile() -> None:
    ending = asyncio.Event()

    async def holds_out() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ending.set()
            await asyncio.sleep(0.05)

    task = asyncio.create_task(holds_out())
    await asyncio.sleep(0)
    waiting = asyncio.ensure_future(end_task(task))
    await ending.wait()
    waiting.cancel()
    await asyncio.wait([waiting, task])
    assert waiting.cancelled()
    assert task.cancelled()


async def test_stopping_ends_also_the_calls_that_local_work_begins_meanwhile() -> None:
    background = Background()

    async def call() -> None:
        await asyncio.Event().wait()

    async def local() -> None:
        await asyncio.sleep(0.01)
        background.begin(call())

    waiting = asyncio.ensure_future(background.finish(local()))
    await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE_S):
        await background.stop()
    await waiting
    assert not background.calling


async def test_who_waits_for_a_call_that_is_stopped_hears_that_it_was_not_answered() -> None:
    background = Background()

    async def call() -> None:
        await asyncio.Event().wait()

    waiting = asyncio.ensure_future(background.go_on(call()))
    await asyncio.sleep(0)
    await background.stop()
    with pytest.raises(NotAnswered):
        await waiting


async def test_what_fails_while_nobody_waits_is_told_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    background = Background()
    fails = asyncio.Event()

    async def call() -> None:
        await fails.wait()
        raise NotAnswered("the service is away")

    waiting = asyncio.ensure_future(background.go_on(call()))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    with caplog.at_level(logging.WARNING, "journey_client"):
        fails.set()
        for _ in range(5):
            await asyncio.sleep(0)
    assert waiting.cancelled()
    assert "the service is away" in caplog.text
