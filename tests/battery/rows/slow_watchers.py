"""SUB-7: watchers that never read cost little and hurt nobody."""

import asyncio
from pathlib import Path
from typing import Any

import grpc.aio

from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import WatchRequest
from journey.v1.journey_service_pb2_grpc import JourneyServiceStub
from tests.battery.client import OPTIONS, Batch, Client
from tests.battery.content import line_added
from tests.battery.final import read_in_the_end
from tests.battery.follower import Follower, until
from tests.battery.run import Run
from tests.battery.service import Service
from tests.guarantees.devices import Copy

# More than the 40 of the design: what one costs is told from what the process takes anyhow.
SLOW = 160
FAST = 10
WIDE = 100
# More than a watch costs that is read, which is told apart: connection, stream, what it was sent.
MOST_EACH = 64 * 1_024
# What may come on top in the second half of the writes, when all windows are full.
FLAT_BYTES = 2 * 1_024 * 1_024
TOGETHER = 5
LEVEL_S = 30.0
# With time to connect: the clients that are cut again and again give up in milliseconds.
NARROW = [
    *(option for option in OPTIONS if "reconnect" not in option[0]),
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", 16_384),
]


class Memory:
    """Resident bytes of a process, and by how much they grew since somebody last looked."""

    def __init__(self, service: Service) -> None:
        assert service.victim is not None
        self._status = Path(f"/proc/{service.victim.pid}/status")
        self._before = self._resident()

    def grown(self) -> int:
        """Bytes since the last look; negative: it has become less."""
        before, self._before = self._before, self._resident()
        return self._before - before

    def _resident(self) -> int:
        lines = self._status.read_text().splitlines()
        line = next(line for line in lines if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1_024


async def slow_watchers(run: Run) -> None:
    """A customer with a wide cart; a third of `size` changes each to warm up, without, with."""
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
        sleeping = await _compare(run, service, client)
        want = await _cart_of(run, service)
        level = await until(lambda: all(each.copy.bytes() == want for each in fast), LEVEL_S)
        run.expect(level, "fast watchers are not level")
        run.expect(not any(each.reconnects for each in fast), "a fast watcher was cut")
        stopped.set()
    got = []
    for channel, call in sleeping:
        got.append(await _wake(run, call, want))
        await channel.close()
    run.figure("frames for a sleeper", f"{max(got)} of {run.size // 3 // TOGETHER} batches")
    run.expect(max(got) < run.size // 3 // TOGETHER, "nothing was coalesced: did they sleep?")
    await read_in_the_end(run.recorder, service.address, run.access)


async def _compare(run: Run, service: Service, client: Client) -> list[tuple[Any, Any]]:
    """The same writes without sleepers and with them; returns these, still asleep."""
    changes = run.size // 3
    await _write(run, client, changes)
    memory = Memory(service)
    await _write(run, client, changes)
    alone = memory.grown()
    sleeping = [await _sleeper(run, service, n) for n in range(SLOW)]
    joining = memory.grown()
    await _write(run, client, changes // 2)
    first = memory.grown()
    await _write(run, client, changes - changes // 2)
    second = memory.grown()
    each = (first + second - max(alone, 0)) / SLOW
    run.figure("a sleeper", f"{each / 1_024:.0f} KiB on top of {joining / 1_024 / SLOW:.0f}")
    run.figure("grown", f"{_kib(alone)} without, {_kib(first)} and then {_kib(second)} with")
    run.expect(each <= MOST_EACH, f"a sleeper costs {each:,.0f} bytes")
    flat = second <= max(alone, 0) + FLAT_BYTES
    run.expect(flat, f"memory is not flat: {second:,} bytes more when windows were full")
    return sleeping


def _kib(size: int) -> str:
    return f"{size / 1_024:,.0f} KiB"


async def _write(run: Run, client: Client, changes: int) -> None:
    for start in range(0, changes, TOGETHER):
        made = [_line(run) for _ in range(min(TOGETHER, changes - start))]
        end = await client.settle(Batch("watched", made))
        run.expect(end.ok, f"a write was refused: {end.code} {end.reason}")


def _line(run: Run) -> Interaction:
    """One of so many lines: the cart, and so a frame, is as large in the end as it was."""
    made = line_added(run.draw)
    line = made.cart_line_added.line
    line.line_key = line.product.sku = f"sku-{run.draw.randrange(WIDE)}"
    return made


async def _sleeper(run: Run, service: Service, number: int) -> tuple[Any, Any]:
    """A watch whose frames nobody takes."""
    channel = grpc.aio.insecure_channel(service.address, options=NARROW)
    stub: Any = JourneyServiceStub(channel)
    metadata = [("authorization", run.access.back_end(f"slow-{number}"))]
    request = WatchRequest(subject_id="watched")
    call = stub.Watch(request, metadata=metadata, wait_for_ready=True)
    await call.read()
    run.recorder.fault("a watcher that never reads", str(number))
    return channel, call


async def _wake(run: Run, call: Any, want: dict[str, bytes]) -> int:
    """A sleeper wakes: what waits for it ends in the state of now, or it is told to come again.

    Returns how many frames it gets.
    """
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
    return len(copy.contents)


async def _cart_of(run: Run, service: Service) -> dict[str, bytes]:
    """The state of now, from a watch that begins anew."""
    stopped = asyncio.Event()
    follower = Follower(service.address, run.access.back_end("last"), subject_id="watched")
    following = asyncio.create_task(follower.follow(stopped))
    await until(lambda: "caught_up" in follower.copy.contents, LEVEL_S)
    stopped.set()
    await following
    return follower.copy.bytes()
