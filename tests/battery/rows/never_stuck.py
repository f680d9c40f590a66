"""SYN-4: links, services and their answers come and go; then all is well, and nobody is stuck."""

import asyncio
import random
from contextlib import AsyncExitStack
from pathlib import Path

from journey_client import JourneyKey, interactions
from journey_client.device import Device, open_device
from tests.battery.final import read_stream
from tests.battery.follower import until
from tests.battery.run import Run
from tests.battery.service import Service
from tests.faults.proxy import Proxy

CART = JourneyKey("cart", "main")
DEVICES_OF_ONE = 2
ACTS = 12
HEALED_S = 10.0
# CI machines are shared: there the limit is on getting stuck, not on the time.
PATIENCE_S = 40.0


async def never_stuck(run: Run) -> None:
    """`size` devices, two of each customer, act through it all."""
    one, two = run.service("one"), run.service("two")
    await one.start()
    await two.start()
    kept: dict[str, list[str]] = {}
    async with AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(Proxy(each.port)) for each in (one, two)]
        devices = [
            await stack.enter_async_context(_device(run, proxies[n % 2].address, n))
            for n in range(run.size)
        ]
        healed = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            faults = tasks.create_task(_faults(run, (one, two), proxies, healed))
            acting = [tasks.create_task(_act(run, each, kept)) for each in devices]
            await asyncio.wait(acting)
            healed.set()
            await faults
        loop = asyncio.get_running_loop()
        began = loop.time()
        level = await until(lambda: _are_level(devices), PATIENCE_S)
        took = loop.time() - began
        stuck = [each.connection for each in devices if each.connection.queue]
        run.expect(level, f"stuck: {len(stuck)} queues, {stuck[:3]}; or copies differ")
        run.figure("level after", f"{took:.1f} s")
        if run.mode == "long":
            run.expect(took <= HEALED_S, f"level only after {took:.1f} s")
        await _look_at_streams(run, one, kept)
    run.recorder.heads({})


def _device(run: Run, address: str, number: int) -> Device:
    account = f"customer-{number // DEVICES_OF_ONE}"
    folder = Path(run.folder) / "devices"
    folder.mkdir(exist_ok=True)
    token = run.access.device(account).removeprefix("Bearer ")
    return open_device(
        address,
        folder / f"{number}.db",
        token=token,
        account=account,
        device=f"device-{number}",
        on_rejected=lambda error, _: run.expect(holds=False, otherwise=f"rejected: {error}"),
    )


async def _act(run: Run, device: Device, kept: dict[str, list[str]]) -> None:
    draw = random.Random(run.draw.random())
    for _ in range(ACTS):
        sku = f"sku-{draw.randrange(5)}"
        stored = await device.record(interactions.cart_line_added(sku, draw.randint(1, 3)))
        kept.setdefault(device.subject_id, []).extend(stored.event_ids)
        await asyncio.sleep(draw.uniform(0.05, 0.6))


async def _faults(
    run: Run, services: tuple[Service, Service], proxies: list[Proxy], healed: asyncio.Event
) -> None:
    """Links are cut, answers lost, a process killed, another one paused."""
    draw = random.Random(run.draw.random())
    turns = ["cut", "lose", "pause", "kill", "cut", "lose"]
    while turns or not healed.is_set():
        fault = turns.pop(0) if turns else draw.choice(("cut", "lose"))
        service = draw.choice(services)
        run.recorder.fault(fault, service.name)
        match fault:
            case "kill":
                await service.kill()
                await service.start()
            case "pause":
                assert service.victim is not None
                service.victim.pause()
                await asyncio.sleep(1)
                service.victim.go_on()
            case "cut":
                for proxy in proxies:
                    proxy.cut()
            case _:
                with draw.choice(proxies).losing():
                    await asyncio.sleep(0.3)
        await asyncio.sleep(draw.uniform(0.1, 0.5))


def _are_level(devices: list[Device]) -> bool:
    if any(device.connection.queue for device in devices):
        return False
    shown: dict[str, bytes] = {}
    for device in devices:
        cart = device.view.journeys.get(CART)
        if cart is None:
            return False
        content = cart.SerializeToString(deterministic=True)
        if shown.setdefault(device.subject_id, content) != content:
            return False
    return True


async def _look_at_streams(run: Run, service: Service, kept: dict[str, list[str]]) -> None:
    """What devices kept is in the streams, once each."""
    for subject, event_ids in kept.items():
        stored = await read_stream(service.address, run.access, subject)
        counts = {event_id: stored.count(event_id) for event_id in event_ids}
        wrong = {event_id: count for event_id, count in counts.items() if count != 1}
        run.expect(not wrong, f"{subject}: {wrong}")
