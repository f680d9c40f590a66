"""Leases: one active device per journey, taken by playing, asked for, given up, sent."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from journey.v1.journey_service_pb2 import (
    JOURNEY_VIEW_ALL,
    GetJourneyRequest,
    ListJourneysRequest,
)
from journey.v1.references_pb2 import JourneyRef, Lease
from journey.v1.session_service_pb2 import (
    ACQUIRE_MODE_IF_FREE,
    ACQUIRE_MODE_TAKE_OVER,
    AcquireLeaseRequest,
    AcquireLeaseResponse,
    CloseSessionRequest,
    ReleaseLeaseRequest,
)
from journey.v1.sessions_pb2 import (
    COMMAND_KIND_PAUSE,
    Command,
    CommandResult,
)
from journey_service.domain.errors import (
    CommandIdReused,
    CustomerMismatch,
    FieldViolations,
    LeaseHeld,
    LimitReached,
    StorageUnavailable,
)
from journey_service.settings import Settings
from tests.application.scene import (
    CART,
    FILM,
    DeviceInUse,
    Scene,
    paused,
    played,
    progressed,
    run_id,
    scene,
)
from tests.application.test_devices import refresh, sign_out
from tests.application.test_handoff import claim, create


async def acquire(one: DeviceInUse, **asked: object) -> AcquireLeaseResponse:
    """The device asks for the film's lease."""
    application = one.scene.application
    facts: dict[str, object] = {
        "journey": FILM,
        "mode": ACQUIRE_MODE_IF_FREE,
        "command_id": str(uuid.uuid4()),
    }
    request = AcquireLeaseRequest(
        session_id=one.session.session_id,
        **(facts | asked),  # type: ignore[arg-type]
    )
    return await application.acquire_lease(one.principal, request, received_ms=application.now_ms())


async def release(one: DeviceInUse, epoch: int) -> bool:
    """The device gives it up."""
    request = ReleaseLeaseRequest(session_id=one.session.session_id, journey=FILM, epoch=epoch)
    return (await one.scene.application.release_lease(one.principal, request)).released


async def held(one: DeviceInUse) -> list[Lease]:
    """The film's leases as the device reads them."""
    application = one.scene.application
    found = await application.get_journey(
        one.principal, GetJourneyRequest(journey=FILM), deadline=None
    )
    return [*found.leases]


async def commands(one: DeviceInUse) -> list[Command]:
    """What the device is told."""
    return [*(await refresh(one)).commands]


async def two(**changes: int) -> tuple[Scene, DeviceInUse, DeviceInUse]:
    """A phone and a television of one customer."""
    stage = await scene(replace(Settings(), **changes))  # type: ignore[arg-type]
    return stage, await stage.device(device_id="phone"), await stage.device(device_id="tv")


async def test_a_play_takes_the_lease_and_the_other_device_pauses() -> None:
    stage, phone, tv = await two()
    elsewhere = tv.elsewhere()
    first = await tv.record(played(0), progressed(30_000))
    assert first.results[0].lease.epoch == 1
    async with elsewhere.watch() as watching:
        snapshot = (await watching.level()).snapshot
        assert [one.device_id for one in snapshot.leases] == ["tv"]
        taken = await phone.record(played(30_000, run="b"))
        assert taken.results[0].lease.epoch == 2
        seen: set[str] = set()
        while seen != {"command", "delta"}:
            frame = await watching.take()
            kind = frame.WhichOneof("content") or ""
            seen.add(kind)
            if kind == "command":
                assert frame.command.kind == COMMAND_KIND_PAUSE
                assert frame.command.journey == FILM
            elif frame.delta.leases:
                assert [one.epoch for one in frame.delta.leases] == [2]
    assert [one.device_id for one in await held(phone)] == ["phone"]
    listed = await stage.application.list_journeys(
        phone.principal, ListJourneysRequest(view=JOURNEY_VIEW_ALL), deadline=None
    )
    assert [one.epoch for one in listed.leases] == [2]


async def test_hard_case_7_old_reports_move_nothing_and_a_new_play_takes_it_back() -> None:
    _, laptop, tv = await two()
    await tv.record(played(0), progressed(1_800_000))
    await acquire(laptop, mode=ACQUIRE_MODE_TAKE_OVER)
    (order,) = await commands(tv)
    assert order.kind == COMMAND_KIND_PAUSE
    await laptop.record(played(1_800_000, run="b"), progressed(1_810_000, 1_800_000, run="b"))
    stale = progressed(2_400_000)
    stale.media_progressed.lease_epoch = 1
    await tv.record(stale)
    assert (await tv.resume()).media.point_ms == 1_810_000
    again = await tv.record(played(2_400_000, run="c"), progressed(2_410_000, 2_400_000, run="c"))
    assert again.results[0].lease.epoch == 3
    assert (await laptop.resume()).media.point_ms == 2_410_000
    assert [one.kind for one in await commands(laptop)] == [COMMAND_KIND_PAUSE]


async def test_a_lease_is_asked_for_before_playing_with_the_state_to_go_on_from() -> None:
    stage, phone, tv = await two()
    await phone.record(played(0), paused(60_000))
    with pytest.raises(LeaseHeld) as refused:
        await acquire(tv)
    assert [one.epoch for one in refused.value.leases] == [1]
    answer = await acquire(tv, mode=ACQUIRE_MODE_TAKE_OVER)
    assert (answer.lease.epoch, answer.lease.device_id) == (2, "tv")
    assert answer.journey.media.point_ms == 60_000
    assert answer.token
    types = [one.type for one in await stage.store.journal.read_stream("mila")]
    assert types[-1] == "journey.lease_granted"


async def test_a_repeated_call_gets_the_same_lease() -> None:
    stage, phone, tv = await two()
    command = str(uuid.uuid4())
    answers = [await acquire(phone, command_id=command) for _ in range(2)]
    assert [one.lease.epoch for one in answers] == [1, 1]
    await acquire(tv, mode=ACQUIRE_MODE_TAKE_OVER)
    late = await acquire(phone, command_id=command)
    assert (late.lease.epoch, late.lease.lease_until_ms) == (1, 0)
    with pytest.raises(CommandIdReused):
        await acquire(phone, command_id=command, journey=CART)
    types = [one.type for one in await stage.store.journal.read_stream("mila")]
    assert types.count("journey.lease_granted") == 2


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"mode": 0}, "mode"),
        ({"journey": JourneyRef(kind="opera", journey_id="x")}, "journey.kind"),
        ({"journey": JourneyRef(kind="media", journey_id="x" * 129)}, "journey.journey_id"),
    ],
)
async def test_what_cannot_be_asked_for_names_the_field(
    asked: dict[str, object], field: str
) -> None:
    _, phone, _ = await two()
    with pytest.raises(FieldViolations, match=field):
        await acquire(phone, **asked)


async def test_a_lease_given_up_is_free_and_told_to_who_watches() -> None:
    _, phone, tv = await two()
    lease = (await acquire(phone)).lease
    assert not await release(tv, lease.epoch)
    assert not await release(phone, lease.epoch + 1)
    async with tv.watch() as watching:
        assert [one.epoch for one in (await watching.level()).snapshot.leases] == [1]
        assert await release(phone, lease.epoch)
        (ended,) = (await watching.next("delta")).delta.leases
        assert ended.lease_until_ms < lease.lease_until_ms
    assert not await release(phone, lease.epoch)
    assert (await acquire(tv)).lease.epoch == 2
    assert await commands(phone) == []


async def test_a_session_that_ends_gives_up_its_leases() -> None:
    stage, phone, tv = await two()
    await phone.record(played(0))
    closing = CloseSessionRequest(session_id=phone.session.session_id)
    await stage.application.close_session(
        phone.principal, closing, received_ms=stage.application.now_ms()
    )
    assert await held(tv) == []
    third = await stage.device(device_id="third")
    await third.record(played(0))
    await sign_out(tv, third)
    assert await held(tv) == []
    assert (await acquire(tv)).lease.epoch == 3


async def test_hard_case_32_profiles_on_one_device_do_not_touch_each_other() -> None:
    stage = await scene()
    mila = await stage.device("mila", installation_id="tv")
    noah = await stage.device("noah", installation_id="tv")
    await mila.record(played(0), progressed(60_000))
    await noah.record(played(0), progressed(10_000))
    assert (await mila.resume()).media.point_ms == 60_000
    assert [one.epoch for one in await held(mila)] == [1]


async def limited(stage: Scene, subject: str, **about: str) -> DeviceInUse:
    """A device of a household with one screen."""
    device = await stage.device(subject, **about)
    return replace(
        device,
        principal=replace(device.principal, limit_group="home", lease_limits="media=1"),
    )


async def test_hard_case_33_one_device_too_many_is_denied_and_told_who_holds() -> None:
    stage = await scene()
    mila, noah = await limited(stage, "mila"), await limited(stage, "noah")
    await mila.record(played(0))
    denied = await noah.record(played(0))
    lease = denied.results[0].lease
    assert lease.installation_id == mila.session.installation_id
    assert denied.results[0].version
    with pytest.raises(LimitReached) as refused:
        await acquire(noah)
    assert len(refused.value.leases) == 1
    assert await release(mila, 1)
    assert (await acquire(noah)).lease.epoch == 1


async def test_the_oldest_device_gives_way_where_the_rule_says_so() -> None:
    stage = await scene(lease_limit_rule="evict-oldest")  # type: ignore[arg-type]
    mila, noah = await limited(stage, "mila"), await limited(stage, "noah")
    await mila.record(played(0))
    assert (await noah.record(played(0))).results[0].lease.epoch == 1
    assert [one.kind for one in await commands(mila)] == [COMMAND_KIND_PAUSE]
    assert await held(mila) == []


async def test_a_limit_of_the_settings_counts_for_each_customer() -> None:
    stage = await scene(lease_limits="media=1 nonsense")  # type: ignore[arg-type]
    phone, tv = await stage.device(), await stage.device()
    await phone.record(played(0))
    other = JourneyRef(kind="media", journey_id="other")
    with pytest.raises(LimitReached):
        await acquire(tv, journey=other)
    assert (await acquire(await stage.device("noah"))).lease.epoch == 1


async def test_a_device_that_cannot_be_told_to_pause_hinders_nobody() -> None:
    stage, phone, tv = await two()
    await tv.record(played(0))

    async def fail(*_: object) -> None:
        raise StorageUnavailable

    stage.store.devices.order = fail  # type: ignore[method-assign, assignment]
    assert (await phone.record(played(0))).results[0].lease.epoch == 2


async def test_a_device_that_gives_way_again_is_told_again() -> None:
    stage = await scene(
        lease_limits="media=1",  # type: ignore[arg-type]
        lease_limit_rule="evict-oldest",  # type: ignore[arg-type]
    )
    phone, tv = await stage.device(), await stage.device()
    other = JourneyRef(kind="media", journey_id="film-7")
    told = set()
    for run in "ab":
        await phone.record(played(0, run=run))
        taken = played(0)
        taken.journey.CopyFrom(other)
        taken.media_played.run_id = run_id(other, run)
        await tv.record(taken)
        (pause,) = await commands(phone)
        told.add(pause.id)
        await refresh(phone, CommandResult(id=pause.id, done=True))
        granted_ms = stage.application.now_ms()
        while stage.application.now_ms() == granted_ms:
            pass
    assert len(told) == 2


async def test_a_handoff_takes_the_lease_over_and_a_guest_stays_with_its_journey() -> None:
    stage, phone, _ = await two()
    noah = await stage.device("noah")
    await phone.record(played(0))
    answer = await claim(stage, noah.principal, (await create(phone)).code)
    assert (answer.lease.epoch, answer.lease.installation_id) == (
        2,
        answer.session.installation_id,
    )
    assert [one.kind for one in await commands(phone)] == [COMMAND_KIND_PAUSE]
    guest = DeviceInUse(stage, noah.principal, answer.session)
    with pytest.raises(CustomerMismatch):
        await acquire(guest, journey=CART)
