"""What one watch waits on: woken by what came before or comes while it waits, or by the time."""

from __future__ import annotations

import asyncio

from journey_service.application.wake import Wake

NEVER_S = 600.0


async def test_who_is_woken_before_it_waits_does_not_wait() -> None:
    wake = Wake()
    wake.set()
    await wake.wait(_now() + NEVER_S)


async def test_who_waits_is_woken_once_however_often_it_is_told() -> None:
    wake = Wake()
    waiting = asyncio.ensure_future(wake.wait(_now() + NEVER_S))
    await asyncio.sleep(0)
    assert not waiting.done()
    wake.set()
    wake.set()
    await waiting
    wake.clear()
    again = asyncio.ensure_future(wake.wait(_now() + NEVER_S))
    await asyncio.sleep(0)
    assert not again.done()
    wake.set()
    await again


async def test_who_is_not_woken_waits_until_its_time() -> None:
    wake = Wake()
    until = _now() + 0.02
    await wake.wait(until)
    assert _now() >= until - 0.002


async def test_who_stops_waiting_leaves_nothing_that_is_woken() -> None:
    wake = Wake()
    waiting = asyncio.ensure_future(wake.wait(_now() + NEVER_S))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    wake.set()
    await wake.wait(_now() + NEVER_S)


def _now() -> float:
    return asyncio.get_running_loop().time()
