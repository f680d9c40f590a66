"""G7: equal event sets give equal bytes of published state, after every rebuild and replay.

The simulation does this for thousands of histories.
"""

from __future__ import annotations

import random

import projections
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.journey_service_pb2 import JourneyView, ListJourneysRequest
from journey.v1.journeys_pb2 import Journey
from journey_service.store.postgres.store import PostgresStore
from projections.runner import Runner
from tests.application.scene import FILM, paused, played, progressed
from tests.guarantees.conftest import Join, Pair
from tests.guarantees.devices import CART, Device, added


async def test_g7_every_replica_and_every_rebuild_gives_the_same_bytes(
    pair: Pair, join: Join, stores: tuple[PostgresStore, PostgresStore]
) -> None:
    phone, tv = await join().open_session(), await join(pair[1]).open_session()
    early = phone.watch()
    await early.caught_up()
    await _live(phone, tv)
    total = (await phone.events())[-1].version
    live = await _all(phone)
    assert live.keys() == {"cart/main", "media/film-42"}
    assert await _all(tv) == live
    late = tv.watch()
    await late.caught_up()
    await early.until(lambda _: early.copy.bytes() == live)
    assert late.copy.bytes() == live
    assert await _folded(phone) == live
    store = stores[0]
    await Runner(projections.JOURNEYS, store.journal, store.states, owner="one").catch_up()
    assert await _all(tv) == live
    await store.states.register(projections.JOURNEYS.name, projections.JOURNEYS.version + 1)
    assert await _all(phone) == live
    # What is refused changes nothing, but wakes the watch, which would look by itself in a minute.
    await phone.record(added(quantity=0))
    await early.until(lambda frame: early.copy.restarts == 1 and frame.HasField("snapshot"))
    assert early.copy.bytes() == live
    await Runner(projections.JOURNEYS, store.journal, store.states, owner="two").catch_up()
    assert await _all(tv) == live
    assert (await phone.events())[-1].version == total + 1


async def _live(phone: Device, tv: Device) -> None:
    await phone.record(added("tea", 2), played(0), progressed(15_000))
    await tv.record(added("milk"), played(20_000, "b"), paused(61_000, 20_000, "b"))
    await phone.record(paused(40_000), added("tea"))


async def _all(device: Device) -> dict[str, bytes]:
    """Every journey, as the device's service has it."""
    answer = await device.journeys.ListJourneys(
        ListJourneysRequest(view=JourneyView.JOURNEY_VIEW_ALL),
        metadata=device.metadata,
        timeout=20,
    )
    return {
        projections.key_of(journey.ref): journey.SerializeToString(deterministic=True)
        for journey in answer.journeys
    }


async def _folded(device: Device) -> dict[str, bytes]:
    """The same from the events alone, in another order and with repetitions."""
    events = await device.events()
    draw = random.Random(7)
    shuffled = draw.sample(events, len(events)) + draw.choices(events, k=len(events))
    folds: dict[str, JourneyFold] = {}
    for event in shuffled:
        projections.fold_event(folds, event)
    names = {CART.kind: CART, FILM.kind: FILM}
    assert {fold.ref.kind for fold in folds.values()} == names.keys()
    shown = await device.journeys.ListJourneys(
        ListJourneysRequest(view=JourneyView.JOURNEY_VIEW_ALL), metadata=device.metadata
    )
    devices = {projections.key_of(each.ref): each.last_device_id for each in shown.journeys}
    return {key: _published(fold, devices[key]) for key, fold in sorted(folds.items())}


def _published(fold: JourneyFold, device_id: str) -> bytes:
    """As a device gets it; the device's name is no part of a fold."""
    journey: Journey = projections.publish(fold)
    journey.last_device_id = device_id
    return journey.SerializeToString(deterministic=True)
