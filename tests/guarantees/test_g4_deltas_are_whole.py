"""G4: a delta holds the effect of exactly the interactions up to its `processed`."""

from __future__ import annotations

import asyncio

from tests.guarantees.conftest import Join, Pair
from tests.guarantees.devices import Device, added

ACTS = 60


async def test_g4_a_delta_holds_the_effect_of_exactly_what_it_says_was_processed(
    pair: Pair, join: Join
) -> None:
    phone, laptop = await join().open_session(), await join(pair[1]).open_session()
    watches = [phone.watch(), laptop.watch()]
    for watch in watches:
        await watch.caught_up()
    acting = [asyncio.create_task(_act(phone)), asyncio.create_task(_act(laptop))]
    for device, watch in zip((phone, laptop), watches, strict=True):
        copy, seen = watch.copy, 0
        while copy.processed < ACTS:
            await watch.next()
            assert copy.cart().get(device.installation_id, 0) == copy.processed
            seen += 1
        assert seen > 1
    await asyncio.gather(*acting)


async def test_g4_a_batch_comes_whole_or_not_at_all(pair: Pair, join: Join) -> None:
    phone, laptop = await join().open_session(), await join(pair[1]).open_session()
    watch = laptop.watch()
    await watch.caught_up()
    acting = asyncio.create_task(_in_pairs(phone))
    while watch.copy.cart().get("left", 0) < ACTS:
        await watch.next()
        cart = watch.copy.cart()
        assert cart.get("left") == cart.get("right")
    await acting


async def test_g4_a_batch_of_refusals_ends_optimism_with_the_watermark_alone(join: Join) -> None:
    phone = await join().open_session()
    watch = phone.watch()
    await watch.caught_up()
    await phone.record(added(quantity=0), added(quantity=0))
    frame = await watch.until(lambda frame: frame.HasField("delta"))
    assert not frame.delta.journeys
    assert watch.copy.processed == 2


async def _act(device: Device) -> None:
    for _ in range(ACTS):
        await device.record(added(device.installation_id))


async def _in_pairs(device: Device) -> None:
    for _ in range(ACTS):
        await device.record(added("left"), added("right"))
