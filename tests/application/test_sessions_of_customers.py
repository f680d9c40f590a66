"""Sessions and devices of a customer of several subjects: never merged, listed side by side."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from journey.v1.access_pb2 import ROLE_DEVICE
from journey.v1.interactions_pb2 import HANDOFF_SCOPE_JOURNEY
from journey.v1.journeys_pb2 import Journey
from journey.v1.session_service_pb2 import (
    CreateHandoffRequest,
    ListDevicesRequest,
    ListSessionsRequest,
    SignOutDeviceRequest,
    SignOutDeviceResponse,
)
from journey.v1.sessions_pb2 import DEVICE_STATUS_LOST, DeviceRecord, Session
from journey_service.domain.errors import CustomerMismatch, InstallationLost
from journey_service.domain.identity import Principal
from tests.application.linking import link
from tests.application.scene import CART, FILM, SERVICE, Scene, added, played, scene
from tests.application.test_handoff import claim

VISITOR = Principal(ROLE_DEVICE, "visitor", "visitor")
MILA = Principal(ROLE_DEVICE, "mila", "mila")


async def one_customer() -> Scene:
    """Mila on a laptop; on her phone first as a visitor, then signed in; a second visitor."""
    stage = await scene()
    for name, device in (
        ("mila", "laptop"),
        ("visitor", "phone"),
        ("anon", "kiosk"),
        ("mila", "phone"),
        ("visitor", "tablet"),
    ):
        await stage.device(name, device_id=device, installation_id=f"{name} on {device}")
        stage.pass_by(1_000)
    await link(stage, "mila", "visitor", "mila")
    await link(stage, "anon", "visitor", "mila")
    return stage


async def sessions(stage: Scene, by: Principal = SERVICE, **asked: Any) -> list[Session]:
    found: list[Session] = []
    token, first = "", True
    while token or first:
        request = ListSessionsRequest(page_token=token, **asked)
        answer = await stage.application.list_sessions(by, request)
        found += answer.sessions
        token, first = answer.next_page_token, False
    return found


async def devices(stage: Scene, by: Principal = SERVICE, **asked: Any) -> list[DeviceRecord]:
    found: list[DeviceRecord] = []
    token, first = "", True
    while token or first:
        request = ListDevicesRequest(page_token=token, **asked)
        answer = await stage.application.list_devices(by, request)
        found += answer.devices
        token, first = answer.next_page_token, False
    return found


NEWEST_FIRST = [
    ("visitor", "tablet"),
    ("mila", "phone"),
    ("anon", "kiosk"),
    ("visitor", "phone"),
    ("mila", "laptop"),
]


@pytest.mark.parametrize("size", [0, 1, 2])
@pytest.mark.parametrize("asked", ["mila", "anon"])
async def test_sessions_and_devices_of_all_members_are_listed_whoever_is_named(
    asked: str, size: int
) -> None:
    stage = await one_customer()
    found = await sessions(stage, subject_id=asked, page_size=size)
    assert [(each.subject_id, each.device.device_id) for each in found] == NEWEST_FIRST
    used = await devices(stage, subject_id=asked, page_size=size)
    assert [(each.subject_id, each.device.device_id) for each in used] == NEWEST_FIRST


async def test_many_sessions_of_one_member_leave_none_of_another_out() -> None:
    stage = await one_customer()
    for _ in range(5):
        stage.pass_by(1_000)
        await stage.device("anon")
    found = await sessions(stage, subject_id="mila", page_size=2)
    assert [each.subject_id for each in found] == ["anon"] * 5 + [name for name, _ in NEWEST_FIRST]


async def test_a_device_that_is_not_signed_in_sees_its_own_alone() -> None:
    stage = await one_customer()
    assert {each.subject_id for each in await sessions(stage, VISITOR)} == {"visitor"}
    assert [each.device.device_id for each in await devices(stage, VISITOR)] == ["tablet", "phone"]
    assert len(await sessions(stage, MILA)) == 5
    with pytest.raises(CustomerMismatch):
        await sign_out(stage, "laptop", by=VISITOR)


async def sign_out(
    stage: Scene, device_id: str, by: Principal = MILA, command_id: str = ""
) -> SignOutDeviceResponse:
    request = SignOutDeviceRequest(
        device_id=device_id,
        status=DEVICE_STATUS_LOST,
        command_id=command_id or str(uuid.uuid4()),
    )
    now_ms = stage.application.now_ms()
    return await stage.application.sign_out_device(by, request, received_ms=now_ms)


async def test_a_device_is_signed_out_with_all_members_that_used_it() -> None:
    stage = await one_customer()
    done = await sign_out(stage, "phone", command_id="c" * 36)
    assert (done.closed_sessions, done.device.status) == (2, DEVICE_STATUS_LOST)
    assert done.device.installation_ids == ["mila on phone"]
    left = await sessions(stage, subject_id="mila")
    assert [(each.subject_id, each.device.device_id) for each in left] == [
        each for each in NEWEST_FIRST if each[1] != "phone"
    ]
    for name in ("mila", "visitor"):
        with pytest.raises(InstallationLost):
            await stage.device(name, device_id="phone", installation_id=f"{name} on phone")
    again = await sign_out(stage, "phone", command_id="c" * 36)
    assert again == done
    # Of a device that another member alone used, too.
    assert (await sign_out(stage, "kiosk")).closed_sessions == 1
    with pytest.raises(CustomerMismatch):
        await sign_out(stage, "nowhere")


async def test_a_claim_tells_the_customer_and_no_more_than_the_issuer_sees() -> None:
    stage = await scene()
    mila, visitor = await stage.device("mila"), await stage.device("visitor")
    await mila.record(added("tea"), played(5_000))
    await visitor.record(added("mug"))
    await link(stage, "mila", "visitor", "mila")

    async def claimed(issuer: Any, ref: Any) -> Any:
        request = CreateHandoffRequest(
            session_id=issuer.session.session_id,
            journey=ref,
            scope=HANDOFF_SCOPE_JOURNEY,
            command_id=str(uuid.uuid4()),
        )
        made = await stage.application.create_handoff(issuer.principal, request)
        ben = Principal(ROLE_DEVICE, "ben", "ben", stage.application.now_ms() + 3_600_000)
        return await claim(stage, ben, made.code)

    answer = await claimed(mila, CART)
    assert answer.customer_id == "mila"
    assert len(answer.journey.cart.lines) == 2
    answer = await claimed(visitor, CART)
    assert len(answer.journey.cart.lines) == 2
    assert (await claimed(visitor, FILM)).journey == Journey()
