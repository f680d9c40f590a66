"""CON-4: who reads elsewhere what it wrote here reads it, whatever restarts in between."""

import asyncio
import time
import uuid

import grpc.aio

from journey.v1.journey_service_pb2 import GetJourneyRequest
from tests.battery.client import Batch
from tests.battery.content import line_added
from tests.battery.final import read_in_the_end
from tests.battery.run import Run
from tests.battery.service import Service
from tests.battery.writers import open_session
from tests.guarantees.devices import CART, quantities

CUSTOMERS = 4
RESTART_S = 4.0


async def own_writes(run: Run) -> None:
    """For `size` seconds: write at one process, read at the other; both are killed in turn."""
    services = run.service("one"), run.service("two")
    for service in services:
        await service.start()
    ends_at = time.monotonic() + run.size
    reads = [0]
    stopped = asyncio.Event()
    people = [_person(run, services, f"customer-{n}", stopped, reads) for n in range(CUSTOMERS)]
    async with run.load(people):
        turn = 0
        while time.monotonic() < ends_at and not run.is_over:
            await asyncio.sleep(min(RESTART_S, max(0.0, ends_at - time.monotonic())))
            if time.monotonic() < ends_at - 1:
                service = services[turn % 2]
                await service.kill()
                run.recorder.fault("killed", service.name)
                await service.start()
                turn += 1
        stopped.set()
    run.figure("reads", f"{reads[0]:,}")
    run.expect(reads[0] > 10 * run.size, "too few reads to say so")
    await read_in_the_end(run.recorder, services[0].address, run.access)


async def _person(
    run: Run,
    services: tuple[Service, Service],
    account: str,
    stopped: asyncio.Event,
    reads: list[int],
) -> None:
    """One customer, whose calls go now here, now there."""
    subject = run.access.subject_of(account)
    clients = [
        run.client(f"{account}-{s.name}", s.address, run.access.device(account)) for s in services
    ]
    installation = str(uuid.UUID(int=run.draw.getrandbits(128), version=4))
    session_id = await open_session(run, clients[0], subject, installation)
    written, seq = 0, 0
    while not stopped.is_set():
        clients.reverse()
        seq += 1
        added = line_added(run.draw, seq=seq)
        end = await clients[0].settle(Batch(subject, [added], installation, session_id))
        run.expect(end.ok, f"a write was refused: {end.code} {end.reason}")
        if end.response is None:
            return
        written += added.cart_line_added.line.quantity
        request = GetJourneyRequest(journey=CART, at_least=end.response.write_token)
        try:
            found = await clients[1].stub.GetJourney(
                request, metadata=clients[1].metadata, timeout=5
            )
        except grpc.aio.AioRpcError:
            continue  # it says so, or is away: both are no older state
        reads[0] += 1
        total = sum(quantities(found.journey).values())
        run.expect(total == written, f"{account} wrote {written} and read {total}")
