"""What devices that were signed out or lost are told."""

import time
import uuid
from dataclasses import replace
from typing import Any

from journey.v1.session_service_pb2 import SignOutDeviceRequest
from journey.v1.sessions_pb2 import (
    DEVICE_STATUS_LOST,
    DEVICE_STATUS_SIGNED_OUT,
    DeviceStatus,
    Session,
)
from tests.transport.serving import batch, clock, listed, opening
from tests.transport.world import World, provokes


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
