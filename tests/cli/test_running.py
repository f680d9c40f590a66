"""Progress of what takes a while: a step is told again as long as it goes on, news only once."""

from __future__ import annotations

import asyncio
import io

from rich.console import Console

from journey_service.cli.running import Steps

QUIET_S = 0.01
PATIENCE_S = 10.0


def steps_and_lines() -> tuple[Steps, io.StringIO]:
    """Steps that are told again every 10 ms, and what was told."""
    told = io.StringIO()
    return Steps(Console(file=told, width=200), quiet_s=QUIET_S), told


async def until_told_again(lines: io.StringIO, times: int) -> None:
    """Wait until a step was told again so often."""
    async with asyncio.timeout(PATIENCE_S):
        while lines.getvalue().count("… still") < times:  # noqa: ASYNC110  nothing tells of it
            await asyncio.sleep(QUIET_S)


async def test_a_recovery_under_a_running_service_is_told_once_and_not_for_ever() -> None:
    serving, told = steps_and_lines()
    other, clock = steps_and_lines()
    async with serving.ticking(), other.ticking():
        serving.done()
        serving.step("PostgreSQL ended (status -9); starting it again in 0.2 s")
        serving.step("PostgreSQL 18.6 is ready (0.52 s)")
        other.step("another step")
        await until_told_again(clock, 5)
    assert told.getvalue().count("is ready") == 1
    assert "still" not in told.getvalue()


async def test_a_step_of_the_start_and_of_the_stop_is_told_again_until_it_is_done() -> None:
    steps, told = steps_and_lines()
    async with steps.ticking():
        steps.step("opening the journal")
        await until_told_again(told, 2)
        steps.done()
        steps.go_on()
        steps.step("stopping")
        await until_told_again(told, told.getvalue().count("… still") + 2)
    assert "still opening the journal" in told.getvalue()
    assert "still stopping" in told.getvalue()
