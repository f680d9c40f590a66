"""Exact reads stay exact while others read, write and crowd each other out."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Iterator
from typing import Any

import pytest

import projections
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.references_pb2 import JourneyRef
from journey_service.application.customer_view import CustomerView
from journey_service.application.reader import Reader
from journey_service.domain.errors import EventUnreadable
from journey_service.ports import SubjectSnapshot
from journey_service.store.memory import MemoryStates
from tests.application.scene import CART, DeviceInUse, Scene, added, scene

CART_KEY = "cart/main"


class Overtaken(MemoryStates):
    """States whose next answer is late: something else happens before it arrives."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def read_subject(
        self,
        projection: str,
        subject_id: str,
        *,
        keys: Collection[str] | None = None,
        cached_version: int | None = None,
        installation_id: str = "",
    ) -> SubjectSnapshot:
        snapshot = await super().read_subject(
            projection,
            subject_id,
            keys=keys,
            cached_version=cached_version,
            installation_id=installation_id,
        )
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return snapshot


async def _reader(stage: Scene, capacity: int) -> tuple[Reader, Overtaken]:
    states = Overtaken(stage.store.journal, stage.store.clock)
    await states.register(projections.JOURNEYS.name, projections.JOURNEYS.version)
    return Reader(states, stage.store.sessions, capacity=capacity), states


async def _read_once(stage: Scene, phone: DeviceInUse) -> tuple[Reader, Overtaken]:
    """A reader that remembers the customer, who has one thing in the cart."""
    reader, states = await _reader(stage, capacity=10)
    await phone.record(added("B1"))
    await reader.read("mila")
    return reader, states


async def test_a_subject_that_is_crowded_out_while_it_is_read_keeps_its_journeys() -> None:
    stage = await scene()
    for name in ("mila", "eve"):
        await (await stage.device(name)).record(added("B1"))
    reader, states = await _reader(stage, capacity=1)
    await reader.read("mila")
    states.meanwhile = lambda: reader.read("eve")
    crowded_out = await reader.read("mila")
    again = await reader.read("mila")
    assert _quantity(stage, crowded_out.view) == _quantity(stage, again.view) == 1


async def test_what_is_remembered_does_not_hold_a_reader_in_front_of_a_damaged_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene()
    await (await stage.device()).record(added("B1"))
    reader, states = await _reader(stage, capacity=1)
    await reader.read("mila")
    read_subject = states.read_subject

    async def damaged(*asked: str, **more: Any) -> SubjectSnapshot:
        if more["cached_version"] is not None:
            raise EventUnreadable
        return await read_subject(*asked, **more)

    monkeypatch.setattr(states, "read_subject", damaged)
    assert _quantity(stage, (await reader.read("mila")).view) == 1

    async def all_damaged(*_: str, **__: Any) -> SubjectSnapshot:
        raise EventUnreadable

    monkeypatch.setattr(states, "read_subject", all_damaged)
    with pytest.raises(EventUnreadable):
        await reader.read("mila")


async def test_a_read_that_another_one_overtook_has_the_watermark_of_its_states() -> None:
    stage = await scene()
    phone = await stage.device()
    installation_id = phone.session.installation_id
    reader, states = await _read_once(stage, phone)

    async def another_act_is_recorded_and_read() -> None:
        await phone.record(added("B1"))
        await reader.read("mila")

    states.meanwhile = another_act_is_recorded_and_read
    found = await reader.read("mila", installation_id=installation_id)
    assert (_quantity(stage, found.view), found.processed_seq) == (2, 2)


async def test_a_read_comes_to_its_end_however_fast_events_are_delivered() -> None:
    stage = await scene()
    phone = await stage.device()
    installation_id = phone.session.installation_id
    reader, states = await _read_once(stage, phone)
    late = 0

    async def another_act_is_delivered() -> None:
        nonlocal late
        late += 1
        assert late < 5
        states.meanwhile = another_act_is_delivered
        await phone.record(added("B1"))
        reader.bring_forward("mila", await stage.store.journal.read_stream("mila"))

    states.meanwhile = another_act_is_delivered
    found = await reader.read("mila", installation_id=installation_id)
    assert _quantity(stage, found.view) == found.processed_seq
    states.meanwhile = None
    events = await stage.store.journal.read_stream("mila")
    assert reader.bring_forward("mila", events) is not None


async def test_a_view_that_moves_while_its_devices_are_looked_up_is_read_again() -> None:
    stage = await scene()
    phone = await stage.device()
    installation_id = phone.session.installation_id
    await phone.record(added("B1"))
    reader, _ = await _reader(stage, capacity=10)
    looked_up, devices_of = asyncio.Event(), stage.store.sessions.devices_of

    async def slowly(subject_id: str) -> object:
        if not looked_up.is_set():
            looked_up.set()
            await phone.record(added("B1"))
            await reader.read("mila")
        return await devices_of(subject_id)

    stage.store.sessions.devices_of = slowly  # type: ignore[method-assign, assignment]
    found = await reader.read("mila", installation_id=installation_id)
    assert (_quantity(stage, found.view), found.processed_seq) == (2, 2)


async def test_a_journal_that_was_rewound_is_read_from_its_states_on() -> None:
    stage = await scene()
    phone = await stage.device()
    reader, _ = await _reader(stage, capacity=10)
    await phone.record(added("B1"))
    await phone.record(added("B1"))
    assert _quantity(stage, (await reader.read("mila")).view) == 2
    del stage.store.journal.streams["mila"].events[-1]
    assert _quantity(stage, (await reader.read("mila")).view) == 1


def _quantity(stage: Scene, view: CustomerView) -> int:
    return view.publish(CART_KEY, stage.application.now_ms()).cart.lines[0].quantity


async def test_what_changed_since_a_version_is_known_without_looking_at_all_journeys() -> None:
    stage = await scene()
    phone = await stage.device()
    draw = random.Random(7)
    carts = [JourneyRef(kind="cart", journey_id=f"cart-{number}") for number in range(30)]
    for _ in range(60):
        await phone.record(added("B1", cart=draw.choice(carts)))
    events = await stage.store.journal.read_stream("mila")
    view, stored = CustomerView("mila"), CustomerView("mila")
    stored.apply(events[:40])
    for folds in (view, CustomerView("mila", versions={"mila": 40}, folds=stored.folds)):
        folds.apply(events)
        for version in range(len(events) + 1):
            slow = projections.changed_since(folds.folds, {"mila": version})
            assert folds.changed_since({"mila": version}) == sorted(slow)
    looked_at = _Counting(view.folds)
    view.folds = looked_at
    assert len(view.changed_since({"mila": len(events) - 1})) == 1
    assert looked_at.reads == 0


async def test_a_device_that_comes_while_others_are_known_is_named_at_once() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(added("B1"))
    assert (await phone.resume(CART)).last_device_id == phone.session.device.device_id
    tablet = await stage.device()
    await tablet.record(added("B1"))
    assert (await phone.resume(CART)).last_device_id == tablet.session.device.device_id


class _Counting(dict[str, JourneyFold]):
    reads = 0

    def __getitem__(self, key: str) -> JourneyFold:
        self.reads += 1
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[str]:
        self.reads += 1
        return super().__iter__()


async def test_events_bring_a_view_forward_that_a_read_would_find_the_same() -> None:
    stage = await scene()
    phone = await stage.device()
    reader = Reader(stage.store.states, stage.store.sessions, capacity=1)
    await phone.record(added("B1"))
    await reader.read("mila")
    await phone.record(added("B1"), added("B2"))
    events = await stage.store.journal.read_stream("mila")
    view = reader.bring_forward("mila", events)
    assert view is not None
    moved, floor = _quantity(stage, view), view.floor
    other, _ = await _reader(stage, capacity=1)
    found = (await other.read("mila")).view
    assert (moved, floor) == (_quantity(stage, found), found.floor)
    assert view.versions == found.versions


@pytest.mark.parametrize(
    "delivered",
    [[-1], [2], [1, 3], []],
    ids=["behind", "a gap before them", "a gap among them", "none"],
)
async def test_events_after_which_a_view_would_not_stand_at_the_last_are_not_enough(
    delivered: list[int],
) -> None:
    stage = await scene()
    phone = await stage.device()
    reader = Reader(stage.store.states, stage.store.sessions, capacity=1)
    await phone.record(added("B1"), added("B1"))
    stands_at = (await reader.read("mila")).view.version
    await phone.record(added("B1"), added("B1"), added("B1"))
    events = await stage.store.journal.read_stream("mila")
    some = [events[stands_at + place - 1] for place in delivered]
    assert reader.bring_forward("mila", some) is None


async def test_what_was_remembered_in_another_epoch_is_not_gone_on_from() -> None:
    stage, epochs = await scene(), ["a"]
    phone = await stage.device()
    reader = Reader(stage.store.states, stage.store.sessions, capacity=1, epoch=lambda: epochs[-1])
    await phone.record(added("B1"))
    await reader.read("mila")
    await phone.record(added("B1"))
    events = await stage.store.journal.read_stream("mila")
    epochs.append("b")
    assert reader.bring_forward("mila", events[-1:]) is None


async def test_events_of_who_is_not_in_the_view_do_not_tell_where_it_stands() -> None:
    stage = await scene()
    phone, other = await stage.device(), await stage.device("eve")
    reader = Reader(stage.store.states, stage.store.sessions, capacity=1)
    await phone.record(added("B1"))
    await other.record(*(added("B1") for _ in range(9)))
    delivered = await stage.store.journal.read_stream("mila")
    # Of this nothing was delivered yet.
    await phone.record(added("B1"))
    stands_at = (await reader.read("mila")).view.version
    of_another = await stage.store.journal.read_stream("eve", up_to_version=stands_at)
    assert reader.bring_forward("mila", [*delivered, of_another[-1]]) is None
