"""What devices that were signed out or lost are told."""

import time
import uuid
from contextlib import suppress
from dataclasses import replace
from typing import Any

import grpc

from journey.v1.interactions_pb2 import CHANNEL_TV_APP, HANDOFF_SCOPE_CUSTOMER
from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import (
    ACQUIRE_MODE_IF_FREE,
    ACQUIRE_MODE_TAKE_OVER,
    HANDOFF_VIA_CODE,
    AcquireLeaseRequest,
    ClaimHandoffRequest,
    CreateHandoffRequest,
    SignOutDeviceRequest,
)
from journey.v1.sessions_pb2 import (
    DEVICE_STATUS_LOST,
    DEVICE_STATUS_SIGNED_OUT,
    Device,
    DeviceStatus,
    Session,
)
from tests.transport.serving import APP_KEY, batch, clock, listed, opening
from tests.transport.world import GROCERIES, World, provokes


async def sign_out(world: World, session: Session, status: DeviceStatus) -> None:
    """The customer signs a device out, from another one."""
    asked = SignOutDeviceRequest(
        device_id=session.device.device_id, status=status, command_id=str(uuid.uuid4())
    )
    await world.served.sessions.SignOutDevice(asked, metadata=world.device)


@provokes("INSTALLATION_LOST")
async def a_lost_device_that_signs_in_again(world: World) -> None:
    session = await world.served.open_session()
    await sign_out(world, session, DEVICE_STATUS_LOST)
    await world.served.sessions.OpenSession(opening(), metadata=world.device)


@provokes("INSTALLATION_LOST")
async def a_lost_device_that_records(world: World) -> None:
    session = await world.served.open_session()
    await sign_out(world, session, DEVICE_STATUS_LOST)
    await world.record(batch(session))


@provokes("SIGNED_OUT")
async def a_credential_from_before_the_device_was_signed_out(world: World) -> None:
    session = await world.served.open_session()
    await sign_out(world, session, DEVICE_STATUS_SIGNED_OUT)
    await world.served.sessions.OpenSession(opening(), metadata=world.device)


@provokes("CUSTOMER_MISMATCH")
async def a_device_of_somebody_else_to_be_signed_out(world: World) -> None:
    session = await world.served.open_session("bob")
    await sign_out(world, session, DEVICE_STATUS_SIGNED_OUT)


@provokes("AFTER_SIGN_OUT")
async def what_a_device_recorded_while_it_was_signed_out(world: World) -> Any:
    session = await world.served.open_session()
    await sign_out(world, session, DEVICE_STATUS_SIGNED_OUT)
    known = world.store.sessions.installations[session.subject_id]
    minute_ago_ms = known["phone"].signed_out_ms - 60_000
    known["phone"] = replace(known["phone"], signed_out_ms=minute_ago_ms)
    again = world.served.as_("device", now_s=time.time() + 1)
    answer = await world.served.sessions.OpenSession(opening(), metadata=again)
    meanwhile = listed(wall_ms=clock().sent_wall_ms - 30_000, mono_ms=-29_000, boot_id="b")
    recorded = await world.record(batch(answer.session, meanwhile), again)
    return recorded.results[0]


async def code_of(world: World, **asked: Any) -> str:
    """A handoff code of a device of alice."""
    session = await world.served.open_session()
    request = CreateHandoffRequest(
        session_id=session.session_id, command_id=str(uuid.uuid4()), **asked
    )
    made = await world.served.sessions.CreateHandoff(request, metadata=world.device)
    return str(made.code)


async def claim(world: World, code: str, metadata: Any = None) -> None:
    """A television claims a code."""
    request = ClaimHandoffRequest(
        code=code,
        via=HANDOFF_VIA_CODE,
        installation_id="tv",
        device=Device(device_id="tv"),
        channel=CHANNEL_TV_APP,
        clock=clock(),
        command_id=str(uuid.uuid4()),
    )
    await world.served.sessions.ClaimHandoff(request, metadata=metadata or world.device)


@provokes("HANDOFF_UNKNOWN")
async def a_code_that_is_none(world: World) -> None:
    await claim(world, "a" * 26)


@provokes("HANDOFF_SPENT")
async def a_code_that_was_used(world: World) -> None:
    code = await code_of(world)
    await claim(world, code)
    await claim(world, code)


@provokes("HANDOFF_OTHER_CUSTOMER")
async def a_code_of_somebody_else_for_everything(world: World) -> None:
    code = await code_of(world, scope=HANDOFF_SCOPE_CUSTOMER)
    await claim(world, code, world.served.as_("device", "bob"))


@provokes("CONFIRMATION_MISSING")
async def a_code_of_an_account_that_a_visitor_claims(world: World) -> None:
    code = await code_of(world, journey=JourneyRef(kind="media", journey_id="film"))
    visit = await world.served.sessions.OpenSession(opening("tv", app_key=APP_KEY))
    await claim(world, code, [("authorization", f"Bearer {visit.credential}")])


@provokes("CLAIM_LOCKED", typed_code_tries=1)
async def a_guesser_of_typed_codes(world: World) -> None:
    with suppress(grpc.aio.AioRpcError):
        await claim(world, "aaaaaaaa")
    await claim(world, "aaaaaaab")


async def acquire(world: World, installation: str, mode: Any, metadata: Any = None) -> None:
    """A device of alice asks for the lease of a list."""
    session = await world.served.open_session(installation=installation)
    request = AcquireLeaseRequest(
        session_id=session.session_id,
        journey=GROCERIES,
        mode=mode,
        command_id=str(uuid.uuid4()),
    )
    await world.served.sessions.AcquireLease(request, metadata=metadata or world.device)


@provokes("LEASE_HELD")
async def a_lease_that_another_device_holds(world: World) -> None:
    for installation in ("phone", "tv"):
        await acquire(world, installation, ACQUIRE_MODE_IF_FREE)


@provokes("LIMIT_REACHED")
async def one_device_too_many(world: World) -> None:
    home = {"limit_group": "home", "lease_limits": "list=1"}
    await acquire(world, "tv", ACQUIRE_MODE_TAKE_OVER, world.served.as_("device", **home))
    other = world.served.as_("device", "bob", **home)
    session = await world.served.open_session("bob", "bobs-phone")
    request = AcquireLeaseRequest(
        session_id=session.session_id,
        journey=GROCERIES,
        mode=ACQUIRE_MODE_TAKE_OVER,
        command_id=str(uuid.uuid4()),
    )
    await world.served.sessions.AcquireLease(request, metadata=other)
