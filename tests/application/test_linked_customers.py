"""Customers of several subjects as they are read: one answer, whoever of them is asked for."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

import projections
from journey.v1.interactions_pb2 import CartLineRemoved, Interaction
from journey.v1.journey_service_pb2 import (
    JOURNEY_VIEW_ALL,
    GetJourneyRequest,
    GetJourneyResponse,
    ListJourneysRequest,
    ListJourneysResponse,
)
from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import JourneyRef, Processed
from journey.v1.session_service_pb2 import (
    ACQUIRE_MODE_TAKE_OVER,
    AcquireLeaseRequest,
    CloseSessionRequest,
    ReleaseLeaseRequest,
)
from journey_service.application.customer_view import CustomerView
from journey_service.application.reader import ExactRead, Reader
from journey_service.domain.errors import CustomerMismatch, JournalRewound, JourneyNotFound
from journey_service.domain.identity import partition_of
from journey_service.ports import SubjectSnapshot
from tests.application.linking import link
from tests.application.scene import (
    CART,
    DEVELOPER,
    FILM,
    DeviceInUse,
    Scene,
    added,
    paused,
    played,
    scene,
)
from tests.application.test_reader import Overtaken
from tests.application.views import runner_of
from tests.contract.rewinding import restore_in_memory

PEOPLE = ("anna", "mila", "visitor")


async def get(device: DeviceInUse, ref: JourneyRef = CART, at_least: str = "") -> Journey:
    return (await answered(device, ref, at_least)).journey


async def answered(
    device: DeviceInUse, ref: JourneyRef = CART, at_least: str = ""
) -> GetJourneyResponse:
    request = GetJourneyRequest(journey=ref, at_least=at_least)
    return await device.scene.application.get_journey(device.principal, request, deadline=None)


async def listed(device: DeviceInUse, **fields: object) -> ListJourneysResponse:
    request = ListJourneysRequest(**fields)  # type: ignore[arg-type]
    return await device.scene.application.list_journeys(device.principal, request, deadline=None)


async def keys(device: DeviceInUse, **fields: object) -> list[str]:
    found = await listed(device, **fields)
    return sorted(projections.key_of(journey.ref) for journey in found.journeys)


def quantities(journey: Journey) -> dict[str, int]:
    return {line.line_key: line.quantity for line in journey.cart.lines}


async def visitor_and_account(stage: Scene) -> tuple[DeviceInUse, DeviceInUse]:
    """A visitor who put B into a cart, and mila, who put A into hers and began a film."""
    visitor, tv = await stage.device("visitor"), await stage.device("mila")
    await visitor.record(added("B"))
    await tv.record(added("A"), played(0), paused(400_000))
    return visitor, tv


async def read(stage: Scene, subject_id: str, **more: object) -> ExactRead:
    reader = Reader(stage.store.states, stage.store.sessions, capacity=10)
    return await reader.read(subject_id, **more)  # type: ignore[arg-type]


async def fold_all(stage: Scene) -> None:
    """As the projection does when it gets round to it."""
    await runner_of(projections.VIEWS[0], stage.store).catch_up()  # type: ignore[arg-type]


# --- one state ------------------------------------------------------------------------------------


async def test_what_linked_subjects_did_is_one_state_byte_for_byte() -> None:
    draw = random.Random(5)
    for _ in range(5):
        stage = await scene()
        devices = [await stage.device(name) for name in PEOPLE]
        acts = [_act(devices, draw) for _ in range(16)]
        acts.insert(draw.randrange(16), partial(link, stage, "visitor", "mila", "mila"))
        acts.insert(draw.randrange(16), partial(link, stage, "anna", "mila", "mila"))
        for act in acts:
            await act()
            await (listed(draw.choice(devices)) if draw.random() < 0.5 else fold_all(stage))
        union = await _union(stage)
        for name, device in zip(PEOPLE, devices, strict=True):
            assert _bytes(stage, (await read(stage, name)).view) == _bytes(stage, union)
            assert (await read(stage, name)).view.versions == union.versions
            shown = await listed(device, view=JOURNEY_VIEW_ALL)
            if name == "mila":
                assert {projections.key_of(each.ref): each.checksum for each in shown.journeys} == {
                    key: each.checksum for key, each in union.published(0).items()
                }


def _act(devices: list[DeviceInUse], draw: random.Random) -> Callable[[], Awaitable[object]]:
    device, cart = draw.choice(devices), JourneyRef(kind="cart", journey_id=draw.choice("12"))
    film = draw.random() < 0.4
    made = played(draw.randrange(100_000)) if film else added(draw.choice("AB"), 1, cart)
    return lambda: device.record(made)


async def _union(stage: Scene) -> CustomerView:
    """All events of all of them, folded at once."""
    union = CustomerView(PEOPLE[0])
    for name in PEOPLE:
        union.apply(await stage.store.journal.read_stream(name))
    return union


def _bytes(stage: Scene, view: CustomerView) -> dict[str, bytes]:
    now_ms = stage.application.now_ms()
    return {
        key: fold.SerializeToString(deterministic=True)
        + view.publish(key, now_ms).checksum.to_bytes(8)
        for key, fold in view.folds.items()
    }


async def test_states_that_are_stored_join_with_the_events_behind_them() -> None:
    stage = await scene()
    visitor, tv = await visitor_and_account(stage)
    await fold_all(stage)
    assert quantities(await get(tv)) == {"A": 1}
    await link(stage, "visitor", "mila", "mila")
    await visitor.record(added("B"))
    assert quantities(await get(tv)) == {"A": 1, "B": 2}
    view = (await read(stage, "mila")).view
    assert (view.members, view.customer.customer_id) == (("mila", "visitor"), "mila")


async def test_a_member_whose_states_went_far_ahead_of_what_is_remembered_is_taken_as_stored() -> (
    None
):
    stage = await scene()
    visitor, tv = await visitor_and_account(stage)
    await link(stage, "visitor", "mila", "mila")
    assert quantities(await get(tv)) == {"A": 1, "B": 1}
    await visitor.record(added("B"))
    await fold_all(stage)
    ahead = stage.store.states.read_subject

    async def without_the_events_in_between(*asked: str, **more: object) -> SubjectSnapshot:
        if asked[1] == "visitor":
            more["cached_version"] = None
        return await ahead(*asked, **more)  # type: ignore[arg-type]

    stage.store.states.read_subject = without_the_events_in_between  # type: ignore[method-assign]
    assert quantities(await get(tv)) == {"A": 1, "B": 2}


async def test_devices_of_all_members_have_their_names() -> None:
    stage = await scene()
    visitor, tv = await visitor_and_account(stage)
    await link(stage, "visitor", "mila", "mila")
    await visitor.record(added("B"))
    assert (await get(tv)).last_device_id == visitor.session.device.device_id


# --- while subjects are linked --------------------------------------------------------------------


async def test_members_that_are_linked_while_they_are_read_are_read_until_they_agree() -> None:
    stage = await scene()
    await visitor_and_account(stage)
    await (await stage.device("anna")).record(added("C"))
    states = Overtaken(stage.store.journal, stage.store.clock)
    await states.register(projections.JOURNEYS.name, projections.JOURNEYS.version)
    reader = Reader(states, stage.store.sessions, capacity=10)
    states.meanwhile = lambda: link(stage, "visitor", "mila", "mila")
    before = await reader.read("mila")
    assert before.view.members == ("mila",)
    states.meanwhile = lambda: link(stage, "anna", "mila", "mila")
    after = await reader.read("mila")
    assert after.view.members == PEOPLE
    assert quantities(after.view.publish("cart/main", 0)) == {"A": 1, "B": 1, "C": 1}
    assert after.view.customer.membership == 2


async def test_who_left_is_forgotten_with_all_it_did() -> None:
    stage = await scene()
    _, tv = await visitor_and_account(stage)
    await link(stage, "visitor", "mila", "mila")
    assert quantities(await get(tv)) == {"A": 1, "B": 1}
    stage.store.journal.customers.clear()
    assert quantities(await get(tv)) == {"A": 1}


# --- tokens ---------------------------------------------------------------------------------------


async def test_a_read_contains_what_any_member_wrote() -> None:
    stage = await scene()
    visitor, tv = await visitor_and_account(stage)
    written = (await visitor.record(added("B"))).write_token
    with pytest.raises(CustomerMismatch):
        await get(tv, at_least=written)
    await link(stage, "visitor", "mila", "mila")
    assert quantities(await get(tv, at_least=written)) == {"A": 1, "B": 2}
    state = (await listed(tv)).token
    assert quantities(await get(tv, at_least=state)) == {"A": 1, "B": 2}


async def test_what_was_seen_of_all_members_is_removed_and_nothing_beside() -> None:
    stage = await scene()
    visitor, tv = await visitor_and_account(stage)
    await link(stage, "visitor", "mila", "mila")
    seen = (await answered(tv)).token
    await visitor.record(added("B", 3))
    body = CartLineRemoved(line_key="B")
    await tv.record(Interaction(journey=CART, cart_line_removed=body, seen=seen))
    assert quantities(await get(tv)) == {"A": 1, "B": 3}
    (event,) = await stage.store.journal.read_stream("mila", backwards=True, limit=1)
    assert {seen.subject_id for seen in event.cut.versions} == {"mila", "visitor"}


async def test_a_token_of_a_member_whose_events_were_lost_is_refused() -> None:
    stage = await scene()
    visitor, tv = await visitor_and_account(stage)
    await link(stage, "visitor", "mila", "mila")
    await visitor.record(added("B"))
    token = (await listed(tv)).token
    number = partition_of("visitor", stage.store.journal.partition_count)
    head = (await stage.store.journal.heads())[number]
    restore_in_memory(stage.store, number, head - 1)
    with pytest.raises(JournalRewound):
        await get(tv, at_least=token)
    assert quantities(await get(tv)) == {"A": 1, "B": 1}


# --- leases and watermarks ------------------------------------------------------------------------


async def test_leases_of_all_members_are_shown_and_of_one_journey_the_own() -> None:
    stage = await scene()
    visitor, tv = await stage.device("visitor"), await stage.device("mila")
    await tv.record(added("A"))
    await visitor.record(played(0))
    await link(stage, "visitor", "mila", "mila")
    phone = await stage.device("mila")
    (lease,) = (await answered(phone, FILM)).leases
    assert lease.device_id == visitor.session.device.device_id
    await tv.record(played(400_000, run="b"))
    (lease,) = (await answered(phone, FILM)).leases
    assert lease.device_id == tv.session.device.device_id
    assert (await read(stage, "mila")).own_leases.keys() == {"media/film-42"}


async def test_of_several_others_leases_the_one_that_lasts_longest_is_shown() -> None:
    stage = await scene()
    anna, visitor = await stage.device("anna"), await stage.device("visitor")
    mila = await stage.device("mila")
    await mila.record(added("A"))
    await visitor.record(played(0))
    stage.pass_by(5_000)
    await anna.record(played(0))
    await link(stage, "visitor", "mila", "mila")
    await link(stage, "anna", "mila", "mila")
    (lease,) = (await answered(mila, FILM)).leases
    assert lease.installation_id == anna.session.installation_id


async def test_an_installation_is_told_how_far_its_queue_of_before_is_processed() -> None:
    stage = await scene()
    visitor, _ = await visitor_and_account(stage)
    await visitor.record(added("B"))
    await link(stage, "visitor", "mila", "mila")
    installation_id = visitor.session.installation_id
    signed_in = await stage.device("mila", installation_id=installation_id)
    await signed_in.record(added("A"))
    found = await read(stage, "mila", installation_id=installation_id)
    assert found.processed == {"mila": 1, "visitor": 2}
    unproved = await read(stage, "visitor", installation_id=installation_id, proved_only=True)
    assert unproved.processed == {"visitor": 2}
    async with signed_in.watch() as watching:
        first = (await watching.level()).snapshot
    assert list(first.processed) == [
        Processed(subject_id="mila", seq=1),
        Processed(subject_id="visitor", seq=2),
    ]


# --- reach ----------------------------------------------------------------------------------------


async def test_a_visitor_shares_what_it_has_a_part_in_with_an_account_and_nothing_else() -> None:
    stage = await scene()
    visitor, tv = await visitor_and_account(stage)
    await tv.record(played(400_000, run="b"))
    await visitor.record(added("B", cart=JourneyRef(kind="cart", journey_id="own")))
    await link(stage, "visitor", "mila", "mila")
    assert await keys(visitor, view=JOURNEY_VIEW_ALL) == ["cart/main", "cart/own"]
    assert quantities(await get(visitor)) == {"A": 1, "B": 1}
    assert await keys(visitor) == ["cart/main", "cart/own"]
    assert not (await listed(visitor, view=JOURNEY_VIEW_ALL)).leases
    with pytest.raises(JourneyNotFound):
        await get(visitor, FILM)
    assert await keys(tv) == ["cart/main", "cart/own", "media/film-42"]
    await visitor.record(played(5_000, run="c"))
    assert (await get(visitor, FILM)).media.duration_ms


async def test_visitors_who_are_linked_see_all_of_each_other() -> None:
    stage = await scene()
    visitor, tv = await visitor_and_account(stage)
    await link(stage, "visitor", "mila")
    assert await keys(visitor) == await keys(tv) == ["cart/main", "media/film-42"]


async def test_who_looks_after_customers_sees_them_whole_whoever_is_named() -> None:
    stage = await scene()
    await visitor_and_account(stage)
    await link(stage, "visitor", "mila", "mila")
    for name in ("visitor", "mila"):
        request = GetJourneyRequest(subject_id=name, journey=FILM)
        found = await stage.application.get_journey(DEVELOPER, request, deadline=None)
        assert found.journey.media.point_ms == 400_000


async def test_a_lease_that_a_visitor_takes_of_an_accounts_film_does_not_show_the_film() -> None:
    stage = await scene()
    visitor, _ = await visitor_and_account(stage)
    await link(stage, "visitor", "mila", "mila")
    request = AcquireLeaseRequest(
        session_id=visitor.session.session_id, journey=FILM, mode=ACQUIRE_MODE_TAKE_OVER
    )
    answer = await stage.application.acquire_lease(
        visitor.principal, request, received_ms=stage.application.now_ms()
    )
    assert answer.lease.installation_id == visitor.session.installation_id
    assert not answer.HasField("journey")


async def test_a_session_gives_up_the_leases_that_it_took_and_those_of_other_members_stay() -> None:
    stage = await scene()
    visitor, tv = await stage.device("visitor"), await stage.device("mila")
    await tv.record(added("A"))
    await visitor.record(played(0))
    await link(stage, "visitor", "mila", "mila")
    request = ReleaseLeaseRequest(
        session_id=tv.session.session_id,
        journey=FILM,
        epoch=(await answered(tv, FILM)).leases[0].epoch,
    )
    assert not (await stage.application.release_lease(tv.principal, request)).released
    await stage.application.close_session(
        tv.principal,
        CloseSessionRequest(session_id=tv.session.session_id),
        received_ms=stage.application.now_ms(),
    )
    assert (await answered(await stage.device("mila"), FILM)).leases
