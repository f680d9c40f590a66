"""Run a command's coroutine, show start-up progress, stop in order when asked to."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import typer
from rich.console import Console

from journey_service.cli.exits import Exit

if sys.platform == "win32":
    _LOOP = asyncio.new_event_loop
else:
    import uvloop

    # A sixth less processor time a call than the standard loop.
    _LOOP = uvloop.new_event_loop

T = TypeVar("T")
QUIET_S = 1.0


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command to its end; Ctrl-C ends it in order, with an exit status of its own."""
    try:
        with asyncio.Runner(loop_factory=_LOOP) as runner:
            return runner.run(work)
    except KeyboardInterrupt:
        raise typer.Exit(Exit.STOPPED) from None


@asynccontextmanager
async def meanwhile(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Work on in the background, as long as this is open; raises what it failed of."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        # Not awaited itself: that could not tell its cancellation from that of whoever waits.
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


@contextlib.contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """An event that Ctrl-C and SIGTERM set, instead of breaking the work off; needs a loop."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    caught = (signal.SIGINT, signal.SIGTERM)
    for number in caught:
        loop.add_signal_handler(number, asked.set)
    try:
        yield asked
    finally:
        for number in caught:
            loop.remove_signal_handler(number)


class Steps:
    """Progress of something that takes a while: each step with its time, never a silent second.

    A step that takes longer than `quiet_s` is told again so often, until the next one or `done`.
    """

    def __init__(self, console: Console, *, quiet_s: float = QUIET_S) -> None:
        self._console = console
        self._quiet_s = quiet_s
        self._all_done = False
        self._began = time.monotonic()
        self._step = ""
        self._step_began = self._told = self._began

    def step(self, text: str) -> None:
        """A new step has begun; after `done`: something happened, and is told once."""
        now = time.monotonic()
        self._console.print(f"[dim]{now - self._began:6.1f} s[/]  {text}")
        self._step = "" if self._all_done else text
        self._step_began = self._told = now

    def done(self) -> None:
        """The last step is done; silence means nothing from now on."""
        self._step, self._all_done = "", True

    def go_on(self) -> None:
        """Steps follow again, after `done`."""
        self._all_done = False

    @asynccontextmanager
    async def ticking(self) -> AsyncIterator[None]:
        """While open, a step that goes on is told again every second."""
        async with meanwhile(self._tick()):
            yield

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(
                max(self._quiet_s / 10, self._told + self._quiet_s - time.monotonic())
            )
            now = time.monotonic()
            if self._step and now - self._told >= self._quiet_s:
                self._told = now
                since = now - self._step_began
                self._console.print(
                    f"[dim]{now - self._began:6.1f} s  … still {self._step} ({since:.0f} s)[/]"
                )
