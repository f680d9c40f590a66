"""SUB-7: watchers that never read cost little and hurt nobody."""

import asyncio
import time
from pathlib import Path
from typing import Any

import grpc.aio

from journey.v1.journey_service_pb2 import WatchRequest
from journey.v1.journey_service_pb2_grpc import JourneyServiceStub
from tests.battery.client import OPTIONS, Batch
from tests.battery.content import line_added
from tests.battery.final import read_in_the_end
from tests.battery.follower import Follower, until
from tests.battery.run import Run
from tests.battery.service import Service
from tests.guarantees.devices import Copy

SLOW = 40
FAST = 10
WIDE = 100
LEAST_EACH = 64 * 1_024
# What the process takes for the writes themselves, whoever watches; measured without watchers.
OWN_BYTES = 24 * 1_024 * 1_024
LEVEL_S = 30.0
NARROW = [*OPTIONS, ("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 16_384)]


async def slow_watchers(run: Run) -> None:
    """One customer with a wide cart; `size` changes while 40 sleep and 10 read."""
    service = run.service()
    await service.start(environment={"JOURNEY_STREAMS_PER_SERVICE": "1000"})
    client = run.client("writer", service.address, run.access.back_end("writer"))
    await _write(run, client, WIDE)
    fast = [
        Follower(service.address, run.access.back_end(f"fast-{n}"), subject_id="watched")
        for n in range(FAST)
    ]
    stopped = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for follower in fast:
            tasks.create_task(follower.follow(stopped))
        sleeping = [await _sleeper(run, service, n) for n in range(SLOW)]
        run.recorder.fault("watchers that never read", str(SLOW))
        before = _memory(service)
        began = time.monotonic()
        await _write(run, client, run.size)
        written_s = time.monotonic() - began
        want = await _cart_of(run, service)
        level = await until(lambda: all(each.copy.bytes() == want for each in fast), LEVEL_S)
        run.expect(level, "fast watchers are not level")
        run.expect(not any(each.reconnects for each in fast), "a fast watcher was cut")
        grown = _memory(service) - before
        stopped.set()
    run.figure("grown", f"{grown / 1_024 / SLOW:.0f} KiB a sleeper in {written_s:.1f} s of writes")
    run.expect(grown <= SLOW * LEAST_EACH + OWN_BYTES, f"the service grew by {grown:,} bytes")
    for channel, call in sleeping:
        await _wake(run, call, want)
        await channel.close()
    await read_in_the_end(run.recorder, service.address, run.access)


async def _write(run: Run, client: Any, changes: int) -> None:
    for start in range(0, changes, 5):
        made = [line_added(run.draw) for _ in range(min(5, changes - start))]
        end = await client.settle(Batch("watched", made))
        run.expect(end.ok, f"a write was refused: {end.code} {end.reason}")


async def _sleeper(run: Run, service: Service, number: int) -> tuple[Any, Any]:
    """A watch whose frames nobody takes."""
    channel = grpc.aio.insecure_channel(service.address, options=NARROW)
    stub: Any = JourneyServiceStub(channel)
    metadata = [("authorization", run.access.back_end(f"slow-{number}"))]
    call = stub.Watch(WatchRequest(subject_id="watched"), metadata=metadata)
    await call.read()
    return channel, call


async def _wake(run: Run, call: Any, want: dict[str, bytes]) -> None:
    """A sleeper wakes: what waits for it ends in the state of now, or it is told to come again."""
    copy = Copy(frame=1)
    try:
        async with asyncio.timeout(LEVEL_S):
            while copy.bytes() != want:
                frame = await call.read()
                if frame is grpc.aio.EOF:
                    break
                copy.apply(frame)
    except grpc.aio.AioRpcError as error:
        run.expect(error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED, f"cut: {error.details()}")
    except TimeoutError:
        run.expect(holds=False, otherwise=f"a sleeper got {copy.contents[-5:]}")
    call.cancel()


async def _cart_of(run: Run, service: Service) -> dict[str, bytes]:
    """The state of now, from a watch that begins anew."""
    stopped = asyncio.Event()
    follower = Follower(service.address, run.access.back_end("last"), subject_id="watched")
    following = asyncio.create_task(follower.follow(stopped))
    await until(lambda: "caught_up" in follower.copy.contents, LEVEL_S)
    stopped.set()
    await following
    return follower.copy.bytes()


def _memory(service: Service) -> int:
    """Resident bytes of the process."""
    assert service.victim is not None
    status = Path(f"/proc/{service.victim.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1_024
