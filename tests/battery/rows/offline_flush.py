"""SYN-1: devices that were offline send what they have together, over links that flap."""

import asyncio
import random
import uuid
from contextlib import AsyncExitStack

from tests.battery.client import Batch, clock_now
from tests.battery.content import line_added
from tests.battery.final import read_in_the_end
from tests.battery.follower import Follower, until
from tests.battery.run import Run
from tests.battery.service import Service
from tests.battery.writers import open_session
from tests.faults.proxy import Proxy, Replies

DEVICES = 3
OFFLINE = 500
HOUR_MS = 3_600_000
LEVEL_S = 20.0


async def offline_flush(run: Run) -> None:
    """Each round a customer whose devices were offline for an hour."""
    one, two = run.service("one"), run.service("two")
    await one.start()
    await two.start()
    for number in range(run.size):
        await _round(run, (one, two), f"customer-{number}")
    await read_in_the_end(run.recorder, one.address, run.access)


async def _round(run: Run, services: tuple[Service, Service], account: str) -> None:
    async with AsyncExitStack() as stack:
        proxies = [
            await stack.enter_async_context(Proxy(services[n % 2].port)) for n in range(DEVICES)
        ]
        stopped, settled = asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            flapping = [tasks.create_task(_flap(run, proxy, settled)) for proxy in proxies]
            followers, flushes = [], []
            for n, proxy in enumerate(proxies):
                follower, flush = await _device(run, proxy.address, f"{account}-{n}", account)
                followers.append(follower)
                tasks.create_task(follower.follow(stopped))
                flushes.append(tasks.create_task(flush))
            await asyncio.wait(flushes)
            settled.set()
            await asyncio.wait(flapping)
            level = await until(lambda: _are_level(followers), LEVEL_S)
            run.expect(level, f"{account}: {[each.copy.processed for each in followers]}")
            first = followers[0].copy.bytes()
            same = all(each.copy.bytes() == first for each in followers)
            run.expect(same, f"{account}: devices show different bytes")
            stopped.set()


def _are_level(followers: list[Follower]) -> bool:
    contents = [each.copy.bytes() for each in followers]
    return all(each.copy.processed == OFFLINE for each in followers) and all(
        content == contents[0] for content in contents
    )


async def _device(run: Run, address: str, name: str, account: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """A device's copy, and the work of sending all that it did offline."""
    client = run.client(name, address, run.access.device(account))
    subject = run.access.subject_of(account)
    installation = str(uuid.UUID(int=run.draw.getrandbits(128), version=4))
    session_id = await open_session(run, client, subject, installation)
    follower = Follower(address, run.access.device(account), session_id=session_id)
    made = [line_added(run.draw, seq=seq) for seq in range(1, OFFLINE + 1)]
    now = clock_now()
    for interaction in made:
        ago_ms = (OFFLINE - interaction.seq) * HOUR_MS // OFFLINE
        interaction.wall_ms = now.sent_wall_ms - ago_ms
        interaction.mono_ms = now.sent_mono_ms - ago_ms
    draw = random.Random(f"{run.seed}/{name}")

    async def flush() -> None:
        sent = 0
        while sent < OFFLINE:
            part = made[sent : sent + draw.randint(5, 80)]
            end = await client.settle(Batch(subject, part, installation, session_id))
            run.expect(end.ok, f"{name}: {end.code} {end.reason} {dict(end.metadata)}")
            sent += len(part)

    return follower, flush()


async def _flap(run: Run, proxy: Proxy, settled: asyncio.Event) -> None:
    """The link goes away again and again, mostly while an answer is on its way."""
    draw = random.Random(run.draw.random())
    while not settled.is_set():
        await asyncio.sleep(draw.uniform(0.05, 0.3))
        if draw.random() < 0.5:
            proxy.cut()
        else:
            with proxy.losing(draw.choice((Replies.LOSE, Replies.HALVE))):
                await asyncio.sleep(draw.uniform(0.02, 0.1))
        run.recorder.fault("link flaps", proxy.address)
