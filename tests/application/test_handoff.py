"""Handoff: a code of one device with which another takes over, once."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace

import pytest

from journey.v1.access_pb2 import ROLE_STAFF
from journey.v1.interactions_pb2 import (
    CHANNEL_OTHER,
    CHANNEL_WEB,
    HANDOFF_SCOPE_ASSIST,
    HANDOFF_SCOPE_CUSTOMER,
    HANDOFF_SCOPE_JOURNEY,
    HandoffClaimed,
)
from journey.v1.journey_service_pb2 import WatchRequest
from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import (
    HANDOFF_VIA_QR,
    ClaimHandoffRequest,
    ClaimHandoffResponse,
    CreateHandoffRequest,
    CreateHandoffResponse,
    HandoffVia,
    RefreshSessionRequest,
    SignOutDeviceRequest,
)
from journey.v1.sessions_pb2 import DEVICE_STATUS_LOST, DEVICE_STATUS_SIGNED_OUT, Device
from journey_service.domain.errors import (
    ClaimLocked,
    CommandIdReused,
    CustomerMismatch,
    FieldViolations,
    HandoffOtherCustomer,
    HandoffSpent,
    HandoffUnknown,
    LimitReached,
    SignedOut,
)
from journey_service.domain.identity import Principal
from tests.application.scene import (
    CART,
    FILM,
    DeviceInUse,
    Scene,
    Watching,
    added,
    paused,
    played,
    progressed,
    scene,
    stopped,
)

HOUR_MS = 3_600_000


async def create(one: DeviceInUse, **asked: object) -> CreateHandoffResponse:
    """The device makes a code."""
    facts: dict[str, object] = {"command_id": str(uuid.uuid4()), "journey": FILM}
    request = CreateHandoffRequest(
        session_id=one.session.session_id,
        **(facts | asked),  # type: ignore[arg-type]
    )
    return await one.scene.application.create_handoff(one.principal, request)


def claiming(code: str, **asked: object) -> ClaimHandoffRequest:
    """What a television sends that has scanned the code."""
    facts: dict[str, object] = {
        "installation_id": str(uuid.uuid4()),
        "device": Device(device_id="tv"),
        "channel": CHANNEL_WEB,
        "via": HANDOFF_VIA_QR,
        "command_id": str(uuid.uuid4()),
    }
    return ClaimHandoffRequest(code=code, **(facts | asked))  # type: ignore[arg-type]


async def claim(
    stage: Scene, principal: Principal, code: str, **asked: object
) -> ClaimHandoffResponse:
    """Somebody claims the code."""
    return await stage.application.claim_handoff(
        principal, claiming(code, **asked), received_ms=stage.application.now_ms()
    )


async def test_the_same_person_goes_on_where_the_journey_stands() -> None:
    stage = await scene()
    phone = await stage.device()
    await phone.record(played(0), paused(60_000))
    code = await create(phone)
    assert len(code.code) == 26
    answer = await claim(stage, phone.principal, code.code.upper())
    assert answer.journey.media.point_ms == 60_000
    assert answer.customer_id == answer.session.subject_id == "mila"
    assert not answer.session.guest
    assert answer.session.channel == CHANNEL_WEB
    tv = DeviceInUse(stage, phone.principal, answer.session)
    assert (await tv.record(added("B1"))).processed_seq == 1
    events = await stage.store.journal.read_stream("mila")
    (claimed,) = [one for one in events if one.type == "handoff.claimed"]
    body = claimed.interaction.handoff_claimed
    assert (body.handoff_id, body.journey, body.via) == (
        code.handoff_id,
        FILM,
        HandoffClaimed.VIA_QR,
    )
    assert (body.from_session_id, body.to_session_id) == (
        phone.session.session_id,
        answer.session.session_id,
    )


async def test_a_code_that_a_limit_refuses_stays_good_until_there_is_room() -> None:
    stage = await scene()
    phone, other = await stage.device(), await stage.device("noah")
    at_home = {"limit_group": "home", "lease_limits": "media=1"}
    other = replace(other, principal=replace(other.principal, **at_home))  # type: ignore[arg-type]
    claimer = replace(phone.principal, **at_home)  # type: ignore[arg-type]
    await other.record(played(0))
    code = (await create(phone)).code
    before = await stage.store.journal.heads()
    for _ in range(2):
        with pytest.raises(LimitReached) as refused:
            await claim(stage, claimer, code)
        assert [one.journey for one in refused.value.leases] == [FILM]
    assert await stage.store.journal.heads() == before
    await other.record(progressed(10_000))
    await other.record(stopped(10_000))
    assert (await claim(stage, claimer, code)).lease.epoch == 1
    with pytest.raises(HandoffSpent):
        await claim(stage, claimer, code)


async def test_who_claims_as_another_customer_finds_the_claim_in_the_own_stream_too() -> None:
    stage = await scene()
    phone, guest = await stage.device(), await stage.device("noah")
    request = claiming((await create(phone)).code)
    now_ms = stage.application.now_ms()
    for _ in range(2):
        await stage.application.claim_handoff(guest.principal, request, received_ms=now_ms)
    for subject_id in ("mila", "noah"):
        events = await stage.store.journal.read_stream(subject_id)
        (claimed,) = [one for one in events if one.type == "handoff.claimed"]
        assert claimed.interaction.handoff_claimed.guest


async def test_a_code_is_good_for_one_claim_and_its_repeat_gets_the_same_answer() -> None:
    stage = await scene()
    phone = await stage.device()
    code = (await create(phone)).code
    request = claiming(code)
    now_ms = stage.application.now_ms()
    answers = [
        await stage.application.claim_handoff(phone.principal, request, received_ms=now_ms)
        for _ in range(2)
    ]
    assert answers[0].session == answers[1].session
    with pytest.raises(HandoffSpent):
        await claim(stage, phone.principal, code)
    types = [one.type for one in await stage.store.journal.read_stream("mila")]
    assert types.count("handoff.claimed") == 1
    request.device.name = "another"
    with pytest.raises(CommandIdReused):
        await stage.application.claim_handoff(phone.principal, request, received_ms=now_ms)


async def test_of_several_claims_at_once_one_wins() -> None:
    stage = await scene()
    phone = await stage.device()
    code = (await create(phone)).code
    claims = [claim(stage, phone.principal, code) for _ in range(5)]
    answers = await asyncio.gather(*claims, return_exceptions=True)
    assert sum(isinstance(one, HandoffSpent) for one in answers) == 4


async def test_a_repeated_create_gets_the_code_made_then() -> None:
    stage = await scene()
    phone = await stage.device()
    command = str(uuid.uuid4())
    first = await create(phone, command_id=command, typed_code=True)
    assert await create(phone, command_id=command, typed_code=True) == first
    with pytest.raises(CommandIdReused):
        await create(phone, command_id=command)


async def test_an_unknown_and_an_expired_code_look_alike() -> None:
    stage = await scene(handoff_life_ms=1)
    phone = await stage.device()
    code = await create(phone)
    while stage.application.now_ms() <= code.expires_at_ms:
        pass
    for one in (code.code, "a" * 26):
        with pytest.raises(HandoffUnknown):
            await claim(stage, phone.principal, one)


async def test_eight_letters_can_be_typed_but_not_guessed() -> None:
    stage = await scene(typed_code_tries=2)
    phone = await stage.device()
    first, second = await create(phone, typed_code=True), await create(phone, typed_code=True)
    typed = first.typed_code
    answer = await claim(stage, phone.principal, f" {typed[:4]}-{typed[4:].upper()} ")
    assert answer.session.subject_id == "mila"
    with pytest.raises(HandoffUnknown):
        await claim(stage, phone.principal, "aaaaaaaa")
    with pytest.raises(ClaimLocked):
        await claim(stage, phone.principal, second.typed_code)
    assert (await claim(stage, phone.principal, second.code)).session.subject_id == "mila"


async def test_another_account_is_a_guest_of_the_one_journey() -> None:
    stage = await scene()
    phone, noah = await stage.device(), await stage.device("noah")
    await phone.record(played(0), paused(60_000), added("B1"))
    code = (await create(phone)).code
    answer = await claim(stage, noah.principal, code)
    assert answer.session.guest
    assert answer.session.subject_id == "mila"
    guest = DeviceInUse(stage, noah.principal, answer.session)
    assert (await guest.record(played(60_000, run="b"))).processed_seq == 1
    with pytest.raises(CustomerMismatch):
        await guest.record(added("B2"))
    async with guest.watch(journeys=[CART]) as watching:
        snapshot = (await watching.level()).snapshot
        assert [one.ref for one in snapshot.journeys] == [FILM]
    with pytest.raises(CustomerMismatch):
        await create(guest)
    refresh = RefreshSessionRequest(session_id=guest.session.session_id, journey=CART)
    refreshed = await stage.application.refresh_session(
        noah.principal, refresh, received_ms=stage.application.now_ms()
    )
    assert refreshed.session.journey == FILM


async def test_only_who_claimed_may_use_a_guest_session() -> None:
    stage = await scene()
    phone, noah = await stage.device(), await stage.device("noah")
    answer = await claim(stage, noah.principal, (await create(phone)).code)
    for principal in (phone.principal, (await stage.device("olga")).principal):
        stranger = DeviceInUse(stage, principal, answer.session)
        with pytest.raises(CustomerMismatch):
            await stranger.record(played(0))
        request = WatchRequest(session_id=answer.session.session_id)
        with pytest.raises(CustomerMismatch):
            await Watching(stage.application.watch(principal, request)).take()


async def test_everything_is_handed_to_the_same_account_alone() -> None:
    stage = await scene()
    phone, noah = await stage.device(), await stage.device("noah")
    made = await create(phone, journey=None, scope=HANDOFF_SCOPE_CUSTOMER)
    with pytest.raises(HandoffOtherCustomer):
        await claim(stage, noah.principal, made.code)
    answer = await claim(stage, phone.principal, made.code)
    assert not answer.HasField("journey")
    assert not answer.session.HasField("journey")


async def test_staff_claim_codes_for_assistance_and_nothing_else() -> None:
    stage = await scene()
    phone = await stage.device()
    clerk = Principal(ROLE_STAFF, "clerk", expires_at_ms=stage.application.now_ms() + HOUR_MS)
    with pytest.raises(HandoffOtherCustomer):
        await claim(stage, clerk, (await create(phone)).code)
    made = await create(phone, scope=HANDOFF_SCOPE_ASSIST)
    with pytest.raises(HandoffOtherCustomer):
        await claim(stage, phone.principal, made.code)
    answer = await claim(stage, clerk, made.code)
    assert not answer.session.guest
    till = DeviceInUse(stage, clerk, answer.session)
    await till.record(added("B1"))
    (event,) = [
        one
        for one in await stage.store.journal.read_stream("mila")
        if one.type == "cart.line_added"
    ]
    assert event.actor.id == "clerk"
    longest_ms = answer.session.opened_at_ms + stage.settings.assist_longest_ms
    assert answer.session.expires_at_ms <= longest_ms


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"confirm_handoff_id": "h"}, "confirm_handoff_id"),
        ({"ttl_ms": 600_001}, "ttl_ms"),
        ({"scope": HANDOFF_SCOPE_JOURNEY, "journey": None}, "journey"),
    ],
)
async def test_a_code_that_cannot_be_made_names_the_field(
    asked: dict[str, object], field: str
) -> None:
    stage = await scene()
    phone = await stage.device()
    with pytest.raises(FieldViolations, match=field):
        await create(phone, **asked)


async def test_a_claim_on_a_channel_without_name_is_refused() -> None:
    stage = await scene()
    phone = await stage.device()
    with pytest.raises(FieldViolations, match="channel_label"):
        await claim(stage, phone.principal, "a" * 26, channel=CHANNEL_OTHER)


async def test_a_journey_that_has_not_begun_is_handed_over_without_state() -> None:
    stage = await scene()
    phone = await stage.device()
    made = await create(phone, journey=JourneyRef(kind="media", journey_id="tomorrow"))
    answer = await claim(stage, phone.principal, made.code)
    assert not answer.HasField("journey")
    assert answer.token


def test_ways_of_a_code_have_the_numbers_of_their_events() -> None:
    recorded = {name.removeprefix("VIA_"): n for name, n in HandoffClaimed.Via.items()}
    assert recorded == {n.removeprefix("HANDOFF_VIA_"): v for n, v in HandoffVia.items()}


async def test_a_guest_is_not_told_who_else_is_there() -> None:
    stage = await scene()
    phone, noah = await stage.device(), await stage.device("noah")
    await phone.record(played(0))
    answer = await claim(stage, noah.principal, (await create(phone)).code)
    guest = DeviceInUse(stage, noah.principal, answer.session)
    async with guest.watch(presence=True) as watching:
        await watching.level()
        await guest.record(played(0, run="b"))
        await watching.next("delta")
        for _ in range(2):
            await guest.record(progressed(10_000, run="b"))
            frame = await watching.take()
            assert frame.WhichOneof("content") != "presence"


async def test_a_repeated_claim_revives_no_session_that_has_ended() -> None:
    stage = await scene()
    phone, noah = await stage.device(), await stage.device("noah")
    await phone.record(played(0))
    request = claiming((await create(phone)).code)
    now_ms = stage.application.now_ms()
    answer = await stage.application.claim_handoff(noah.principal, request, received_ms=now_ms)
    out = SignOutDeviceRequest(
        device_id="tv", status=DEVICE_STATUS_SIGNED_OUT, command_id=str(uuid.uuid4())
    )
    await stage.application.sign_out_device(phone.principal, out, received_ms=now_ms)
    with pytest.raises(SignedOut):
        await stage.application.claim_handoff(noah.principal, request, received_ms=now_ms)
    guest = DeviceInUse(stage, noah.principal, answer.session)
    with pytest.raises(SignedOut):
        await guest.record(played(0, run="b"))


async def test_a_code_names_a_journey_of_a_known_kind() -> None:
    stage = await scene()
    phone = await stage.device()
    with pytest.raises(FieldViolations, match=r"journey\.kind"):
        await create(phone, journey=JourneyRef(kind="nonsense", journey_id="n"))


async def test_whoever_loses_a_guests_device_loses_it_for_themselves_alone() -> None:
    stage = await scene()
    phone, noah = await stage.device(), await stage.device("noah", device_id="tv")
    name = noah.session.installation_id
    await claim(stage, noah.principal, (await create(phone)).code, installation_id=name)
    lost = SignOutDeviceRequest(
        device_id="tv", status=DEVICE_STATUS_LOST, command_id=str(uuid.uuid4())
    )
    now_ms = stage.application.now_ms()
    await stage.application.sign_out_device(phone.principal, lost, received_ms=now_ms)
    assert (await noah.record(played(0))).processed_seq == 1
    again = await stage.device("noah", device_id="tv", installation_id=name)
    assert again.session.epoch == noah.session.epoch


async def test_a_credential_of_one_installation_claims_for_no_other() -> None:
    stage = await scene()
    phone, noah = await stage.device(), await stage.device("noah")
    made = await create(phone)
    bound = replace(noah.principal, installation_id=noah.session.installation_id)
    with pytest.raises(CustomerMismatch):
        await claim(stage, bound, made.code, installation_id=phone.session.installation_id)
    answer = await claim(stage, bound, made.code, installation_id=bound.installation_id)
    assert answer.session.guest
