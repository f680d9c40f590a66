"""SYN-6: what is refused for good blocks nothing; a full queue refuses visibly."""

import asyncio
from dataclasses import replace

from journey.v1.interactions_pb2 import Interaction
from journey_client import JourneyError, JourneyKey, MediaRuns, QueueFull, errors, interactions
from journey_client.device import Device, open_device
from journey_client.device_settings import DEFAULT_SETTINGS, QueueLimits
from tests.battery.run import Run

CART = JourneyKey("cart", "main")
ROOM = 60
LEVEL_S = 20.0


async def refusals(run: Run) -> None:
    """A customer's queue with bad ones in it, then one that is full."""
    service = run.service()
    await service.start()
    for number in range(run.size):
        await _refused_in_the_middle(run, service.address, number)
        await _full(run, service.address, number)
        run.recorder.fault("refusals and a full queue", f"customer-{number}")
    run.recorder.heads({})


def _device(run: Run, address: str, name: str, told: list[JourneyError]) -> Device:
    def tell(error: JourneyError, _: Interaction) -> None:
        told.append(error)

    limits = QueueLimits(interactions=ROOM)
    token = run.access.device(name).removeprefix("Bearer ")
    return open_device(
        address,
        run.folder / f"{name}.db",
        token=token,
        account=name,
        device=name,
        settings=replace(DEFAULT_SETTINGS, queue=limits),
        on_rejected=tell,
    )


async def _refused_in_the_middle(run: Run, address: str, number: int) -> None:
    told: list[JourneyError] = []
    async with _device(run, address, f"refused-{number}", told) as device:
        device.network_down()
        for index in range(20):
            await device.record(interactions.cart_line_added("tea", 0 if index % 4 == 3 else 1))
        device.network_up()
        await _settled(run, device)
        run.expect(len(told) == 5, f"{len(told)} refusals were told, not 5")
        run.expect(
            all(isinstance(each, errors.FieldViolations) for each in told), f"told: {told[:2]}"
        )
        run.expect(_tea(device) == 15, f"15 are in the cart, not {_tea(device)}")


async def _full(run: Run, address: str, number: int) -> None:
    """At 80 % reports of playing are compacted; at 100 % intents are refused, none dropped."""
    told: list[JourneyError] = []
    film = MediaRuns("film", duration_ms=5_400_000)
    async with _device(run, address, f"full-{number}", told) as device:
        device.network_down()
        await device.record(film.played(0))
        for report in range(1, ROOM):
            await device.record(film.progressed(report * 15_000))
        waiting = device.connection.queue
        run.expect(waiting < ROOM, f"{waiting} wait: reports were not compacted")
        taken, refused = 0, 0
        for _ in range(ROOM):
            try:
                await device.record(interactions.cart_line_added("tea"))
                taken += 1
            except QueueFull:
                refused += 1
        run.expect(taken and refused, f"{taken} were taken, {refused} refused")
        device.network_up()
        await _settled(run, device)
        run.expect(_tea(device) == taken, f"{taken} were taken, {_tea(device)} are in the cart")
        run.expect(not told, f"refused by the service: {told[:2]}")


async def _settled(run: Run, device: Device) -> None:
    try:
        async with asyncio.timeout(LEVEL_S):
            await device.until(lambda view: not view.connection.queue)
    except TimeoutError:
        run.expect(holds=False, otherwise=f"the queue is stuck: {device.connection}")


def _tea(device: Device) -> int:
    cart = device.view.journeys.get(CART)
    return sum(line.quantity for line in cart.cart.lines) if cart else 0
