"""CON-2: every batch is sent 1 to 5 times, in every way in which that can happen."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.battery.client import Batch, Client
from tests.battery.content import line_added
from tests.battery.final import read_in_the_end
from tests.battery.run import Run
from tests.battery.service import Service
from tests.faults.proxy import Proxy

WAVE = 16  # batches under way at once
SUBJECTS = 12
LATE_SHARE = 0.1  # of the batches are sent again after a restart


@dataclass(slots=True)
class _Gateway:
    """A numbered source of batches for one stream."""

    subject: str
    installation: str
    seq: int = 1


@dataclass(slots=True)
class _Ways:
    """Connections to two processes, one of them also through a proxy that loses every reply."""

    run: Run
    near: list[Client]
    far: Client
    proxy: Proxy
    through: list[Client]
    sends: int = 0
    late: list[Batch] = field(default_factory=list)

    async def here(self, batch: Batch) -> None:
        """On the connection that others use at the same moment."""
        await self.near[0].send(batch)

    async def other_connection(self, batch: Batch) -> None:
        await self.run.draw.choice(self.near[1:]).send(batch)

    async def other_process(self, batch: Batch) -> None:
        await self.far.send(batch)

    async def reply_lost(self, batch: Batch) -> None:
        """The service answers, and nobody hears it."""
        client = self.run.draw.choice(self.through)
        await client.ready(within_s=10)
        await client.send(batch)

    async def after_newer_ones(self, batch: Batch) -> None:
        """Again later, when the stream has moved on and a process was restarted."""
        self.late.append(batch)


async def repeats(run: Run) -> None:
    """Waves of batches, each sent in several ways; then a restart; then some of them again."""
    one, other = run.service("one"), run.service("other")
    await one.start()
    await other.start()
    async with Proxy(one.port) as proxy:
        with proxy.losing():
            ways = _connect(run, one, other, proxy)
            gateways = [
                _Gateway(f"subject-{n % SUBJECTS}", str(uuid.UUID(int=n + 1, version=4)))
                for n in range(SUBJECTS * 2)
            ]
            for half in range(2):
                while ways.sends < run.size * (half + 1) // 2 and not run.is_over:
                    await _wave(ways, gateways)
                await _restart(run, (one, other)[half], ways)
        run.recorder.fault("replies lost", f"{proxy.replies_lost} of {proxy.connections}")
    run.expect(proxy.replies_lost > 0, "no reply was lost")
    run.figure("sends", f"{ways.sends:,}, {proxy.replies_lost:,} calls lost their replies")
    await read_in_the_end(run.recorder, other.address, run.access)


def _connect(run: Run, one: Service, other: Service, proxy: Proxy) -> _Ways:
    token = run.access.back_end()
    return _Ways(
        run,
        [run.client(f"near-{n}", one.address, token) for n in range(3)],
        run.client("far", other.address, token),
        proxy,
        [run.client(f"through-{n}", proxy.address, token) for n in range(8)],
    )


async def _wave(ways: _Ways, gateways: list[_Gateway]) -> None:
    """One batch for each of some gateways, and as many without numbers, all at the same time."""
    draw = ways.run.draw
    batches = [_numbered(ways, gateway) for gateway in draw.sample(gateways, WAVE // 2)]
    batches += [_unnumbered(ways) for _ in range(WAVE // 2 - 1)]
    batches.append(_conditional(ways))
    await asyncio.gather(*(_repeat(ways, batch) for batch in batches))


def _numbered(ways: _Ways, gateway: _Gateway) -> Batch:
    count = ways.run.draw.randint(1, 20)
    interactions = [line_added(ways.run.draw, seq=gateway.seq + n) for n in range(count)]
    gateway.seq += count
    return Batch(gateway.subject, interactions, gateway.installation)


def _unnumbered(ways: _Ways) -> Batch:
    draw = ways.run.draw
    interactions = [line_added(draw) for _ in range(draw.randint(1, 20))]
    return Batch(f"subject-{draw.randrange(SUBJECTS)}", interactions)


def _conditional(ways: _Ways) -> Batch:
    """A stream of its own, so that its condition holds; a repeat gets the first answer all the
    same, although the condition holds no more."""
    draw = ways.run.draw
    interactions = [line_added(draw) for _ in range(draw.randint(1, 5))]
    return Batch(f"alone-{draw.getrandbits(48):x}", interactions, expected_version=0)


async def _repeat(ways: _Ways, batch: Batch) -> None:
    """Send in 1 to 5 ways at once; then until it is surely recorded, as any client would."""
    draw = ways.run.draw
    known: list[Callable[[Batch], Awaitable[None]]] = [
        ways.here,
        ways.other_connection,
        ways.other_process,
        ways.reply_lost,
        ways.after_newer_ones,
    ]
    times = draw.randint(1, 5)
    # Some are at home here, some there, so that both processes write the same streams.
    weights = draw.choice(((3, 3, 1, 3, LATE_SHARE), (0.5, 0.5, 9, 0.5, LATE_SHARE)))
    await asyncio.gather(*(way(batch) for way in draw.choices(known, weights, k=times)))
    ways.sends += times * len(batch.interactions)
    if not await _surely(ways, batch):
        return
    if draw.random() < LATE_SHARE:
        await _reuse(ways, batch)


async def _surely(ways: _Ways, batch: Batch) -> bool:
    client = ways.run.draw.choice([*ways.near, ways.far])
    end = await client.settle(batch)
    ways.sends += len(batch.interactions)
    ways.run.expect(end.ok, f"a repeat was refused: {end.code} {end.reason} {dict(end.metadata)}")
    return end.ok


async def _reuse(ways: _Ways, batch: Batch) -> None:
    """A known id with other content: refused by a result, and the first content stays."""
    event_id = batch.interactions[0].event_id
    end = await ways.far.settle(
        Batch(batch.subject, [line_added(ways.run.draw, event_id=event_id)])
    )
    ways.run.expect(end.ok, f"other content under a known id: {end.code} {end.reason}")


async def _restart(run: Run, service: Service, ways: _Ways) -> None:
    """Kill a process, start it again, and send to it what was kept back."""
    await service.kill()
    run.recorder.fault("killed", service.name)
    await service.start()
    late, ways.late = ways.late, []
    for batch in late:
        for client in (ways.near[0], ways.far):
            end = await client.settle(batch)
            ways.sends += len(batch.interactions)
            run.expect(end.ok, f"a late repeat was refused: {end.code} {end.reason}")
