"""Crash and pause, only of processes that are known by number and beginning together."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_LOOK_S = 0.002


def unmeasured() -> dict[str, str]:
    """The environment, but a program that is started in it does not measure which lines it reaches.

    For those that are killed, which would lose the figures, and for those that measure time.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}


@dataclass(frozen=True, slots=True)
class Victim:
    """One process. `began` is its start in clock ticks since boot, so the number alone is never
    trusted: it may have passed to somebody else's process.
    """

    pid: int
    began: int
    parent: int
    command: str

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """The process that has this number now; None if there is none, or only its status."""
        try:
            text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        command, _, rest = text.partition("(")[2].rpartition(")")
        fields = rest.split()
        return (
            None if fields[0] in {"Z", "X"} else cls(pid, int(fields[19]), int(fields[1]), command)
        )

    def is_alive(self) -> bool:
        """Whether this very process is there."""
        now = type(self).of(self.pid)
        return now is not None and now.began == self.began

    def is_paused(self) -> bool:
        """Whether it stands still."""
        try:
            text = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
        return self.is_alive() and text.rpartition(")")[2].split()[0] == "T"

    def kill(self) -> bool:
        """End it at once, without a chance to tidy up. False if it was gone."""
        return self._send(signal.SIGKILL)

    def pause(self) -> bool:
        """Let it stand still."""
        return self._send(signal.SIGSTOP)

    def go_on(self) -> bool:
        """Let it go on."""
        return self._send(signal.SIGCONT)

    async def gone(self, within_s: float = 10.0) -> None:
        """Wait until it has ended. `TimeoutError`: it has not."""
        async with asyncio.timeout(within_s):
            while self.is_alive():  # noqa: ASYNC110  nobody tells of the end of another's child
                await asyncio.sleep(_LOOK_S)

    def children(self) -> list["Victim"]:
        """The processes that it started and that are there now."""
        return [other for other in processes() if other.parent == self.pid]

    def family(self) -> list["Victim"]:
        """It, its children, and theirs."""
        return [self, *(one for child in self.children() for one in child.family())]

    def _send(self, number: signal.Signals) -> bool:
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        try:
            # With the handle in hand, the number cannot pass to another process after the look.
            if not self.is_alive():
                return False
            signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            return False
        finally:
            os.close(handle)
        return True


@contextlib.contextmanager
def paused(victim: Victim) -> Iterator[None]:
    """Let a process stand still for a while; a signal takes a moment to be obeyed."""
    victim.pause()
    try:
        _wait(victim.is_paused)
        yield
    finally:
        victim.go_on()
        _wait(lambda: not victim.is_paused())


def _wait(reached: Callable[[], bool], within_s: float = 5.0) -> None:
    limit = time.monotonic() + within_s
    while not reached() and time.monotonic() < limit:
        time.sleep(0.001)


def processes() -> Iterator[Victim]:
    """Everything that runs on this machine now."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (found := Victim.of(int(entry.name))):
            yield found
