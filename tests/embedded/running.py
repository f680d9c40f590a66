"""A process that runs the embedded PostgreSQL, as a service does, for tests that kill things."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.processes import unmeasured

PATIENCE_S = 60


@dataclass
class Service:
    """One process. `said` are the lines of its progress so far; `dsn` is the owner's."""

    process: asyncio.subprocess.Process
    dsn: str = ""
    said: list[str] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        assert self.process.stderr
        async for line in self.process.stderr:
            self.said.append(line.decode().rstrip("\n"))
            self._more.set()

    async def until_it_says(self, text: str, times: int = 1) -> None:
        """Wait for a line that holds `text` (for the n-th)."""
        async with asyncio.timeout(PATIENCE_S):
            while sum(text in line for line in self.said) < times:
                self._more.clear()
                await self._more.wait()

    async def breathe(self) -> None:
        """A moment, for a test that watches a file; fails if the process has ended."""
        assert self.process.returncode is None, "\n".join(self.said)
        await asyncio.sleep(0.001)

    async def ended(self) -> int:
        async with asyncio.timeout(PATIENCE_S):
            return await self.process.wait()

    async def stop(self) -> int:
        self.process.terminate()
        return await self.ended()


@asynccontextmanager
async def spawned(
    data_dir: Path, *, failpoints: str = "", measured: bool = True
) -> AsyncIterator[Service]:
    """A service process that has just been started; killed at the end if it is still there."""
    kept = os.environ if measured and not failpoints else unmeasured()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "journey_service.embedded", str(data_dir)),
        env={**kept, "JOURNEY_FAILPOINTS": failpoints},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    service = Service(process)
    listening = asyncio.create_task(service.listen())
    try:
        yield service
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await listening


@asynccontextmanager
async def serving(data_dir: Path, *, measured: bool = True) -> AsyncIterator[Service]:
    """A service process whose PostgreSQL takes connections."""
    async with spawned(data_dir, measured=measured) as service:
        assert service.process.stdout
        async with asyncio.timeout(PATIENCE_S):
            service.dsn = (await service.process.stdout.readline()).decode().strip()
        assert service.dsn, "\n".join(service.said)
        yield service
