"""CLK-2: device clocks years off, drifting, jumping, asleep: order and past stay what they were."""

import random
import time
import uuid

import asyncpg

from journey.v1.clocks_pb2 import ClientClock
from journey.v1.journey_service_pb2 import RecordRequest
from tests.battery.client import Batch, Client
from tests.battery.content import line_added
from tests.battery.final import read_in_the_end
from tests.battery.run import Run
from tests.battery.writers import open_session

YEARS_MS = 10 * 365 * 86_400_000
BATCHES = 6
_DISORDER = """
    SELECT count(*) FROM (
        SELECT occurred_ms < lag(occurred_ms) OVER (
            PARTITION BY partition, originator_id, installation_id ORDER BY seq) AS back
        FROM events WHERE seq > 0
    ) AS placed WHERE back
"""


class Clocks:
    """A device's clocks; what they say has little to do with the time."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._off_ms = draw.randint(-YEARS_MS, YEARS_MS)
        self._rate = draw.choice((1.0, 1.0, 0.5, 2.0))
        self._booted = time.monotonic_ns() // 1_000_000
        self.boot_id = str(uuid.UUID(int=draw.getrandbits(128), version=4))

    def disturb(self) -> None:
        """It jumps, or starts anew."""
        if self._draw.random() < 0.5:
            self._off_ms = self._draw.randint(-YEARS_MS, YEARS_MS)
        else:
            self._booted = time.monotonic_ns() // 1_000_000
            self.boot_id = str(uuid.UUID(int=self._draw.getrandbits(128), version=4))

    def wall_ms(self) -> int:
        return max(0, time.time_ns() // 1_000_000 + self._off_ms)

    def mono_ms(self) -> int:
        return int((time.monotonic_ns() // 1_000_000 - self._booted) * self._rate)

    def sent(self) -> ClientClock:
        """What they say at sending."""
        return ClientClock(
            sent_wall_ms=self.wall_ms(),
            sent_mono_ms=self.mono_ms(),
            boot_id=self.boot_id,
            mono_pauses=self._draw.random() < 0.3,
        )


class Timed(Batch):
    """A batch that is sent with a device's own clocks."""

    clocks: Clocks

    def request(self) -> RecordRequest:
        request = super().request()
        request.clock.CopyFrom(self.clocks.sent())
        return request


async def device_clocks(run: Run) -> None:
    """`size` devices of a few customers."""
    service = run.service()
    await service.start()
    for number in range(run.size):
        account = f"customer-{number % 5}"
        client = run.client(f"device-{number}", service.address, run.access.device(account))
        await _live(run, client, run.access.subject_of(account))
        run.recorder.fault("wrong clocks", f"device-{number}")
    await read_in_the_end(run.recorder, service.address, run.access)
    await _look_at_times(run)


async def _live(run: Run, client: Client, subject: str) -> None:
    draw = run.draw
    clocks = Clocks(draw)
    installation = str(uuid.UUID(int=draw.getrandbits(128), version=4))
    session_id = await open_session(run, client, subject, installation)
    seq = 0
    for _ in range(BATCHES):
        made = []
        for _ in range(draw.randint(1, 5)):
            seq += 1
            interaction = line_added(draw, seq=seq)
            interaction.wall_ms, interaction.mono_ms = clocks.wall_ms(), clocks.mono_ms()
            interaction.boot_id = clocks.boot_id
            made.append(interaction)
            if draw.random() < 0.2:
                clocks.disturb()
        batch = Timed(subject, made, installation, session_id)
        batch.clocks = clocks
        end = await client.settle(batch)
        run.expect(end.ok, f"a wrong clock was refused: {end.code} {end.reason}")


async def _look_at_times(run: Run) -> None:
    """Nothing in the future, nothing out of its order; how far a clock was off is stored."""
    connection = await asyncpg.connect(run.access.dsn())
    try:
        future = await connection.fetchval(
            "SELECT count(*) FROM events WHERE occurred_ms > recorded_at_ms + 1000"
        )
        disorder = await connection.fetchval(_DISORDER)
    finally:
        await connection.close()
    run.expect(future == 0, f"{future} events in the future")
    run.expect(disorder == 0, f"{disorder} events before the one they follow")
