"""DUR-6: the first start is killed at every step of it; the next start works unaided."""

import asyncio
import time

from journey_service.embedded.directory import DataDirectory
from journey_service.failpoints import FIRST_START_STEPS
from tests.battery.client import Batch
from tests.battery.content import line_added
from tests.battery.database import server_of, servers_at
from tests.battery.final import read_in_the_end
from tests.battery.run import Run
from tests.battery.service import Service


async def first_start_killed(run: Run) -> None:
    """A new data directory for every step, so that each is a first start."""
    rounds = -(-run.size // len(FIRST_START_STEPS))
    steps = run.draw.sample(FIRST_START_STEPS * rounds, run.size)
    began = time.monotonic()
    for number, step in enumerate(steps):
        run.begin_chapter(f"{number:02}-{step.partition(':')[2]}")
        await _one(run, step)
        if run.is_over:
            break
    run.figure("per step", f"{(time.monotonic() - began) / len(steps):.1f} s")


async def _one(run: Run, step: str) -> None:
    service = run.service(f"service-{step.partition(':')[2]}")
    await service.start(failpoints=f"{step}=kill", wait=False)
    try:
        await service.gone(within_s=30)
    except TimeoutError:
        run.violations.append(f"{step} was never passed at a first start")
        return
    run.recorder.fault(step, "service")
    marker = DataDirectory(run.data_dir).marker
    before = marker.read_text() if marker.exists() else None
    await service.start()
    await _use(run, service)
    run.expect(before in {None, marker.read_text()}, f"after {step} the marker was written anew")
    found = servers_at(run.data_dir)
    run.expect(len(found) == 1, f"after {step} {len(found)} servers are at one directory")
    await _end(run, service)


async def _use(run: Run, service: Service) -> None:
    """What was started is a whole service: it records, and tells what it recorded."""
    client = run.client("first", service.address, run.access.back_end())
    for _ in range(3):
        end = await client.settle(Batch("ada", [line_added(run.draw)]), patience_s=10)
        run.expect(end.ok, f"a batch was refused: {end.code} {end.reason}")
    await read_in_the_end(run.recorder, service.address, run.access)


async def _end(run: Run, service: Service) -> None:
    """Both are killed: a data directory is used once, and stopping takes longer."""
    await service.kill()
    server = server_of(run.data_dir)
    if server is not None:
        for one in server.family():
            one.kill()
        await asyncio.gather(*(one.gone() for one in server.family()))
