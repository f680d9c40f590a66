"""Devices of a customer: listed, signed out from elsewhere, and what they were told to do."""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Sequence

from journey.v1.interactions_pb2 import SessionClosed
from journey.v1.session_service_pb2 import (
    ListDevicesRequest,
    ListDevicesResponse,
    SignOutDeviceRequest,
    SignOutDeviceResponse,
)
from journey.v1.sessions_pb2 import (
    COMMAND_KIND_OPEN_AT,
    COMMAND_KIND_SIGN_OUT,
    COMMAND_KIND_WIPE,
    DEVICE_STATUS_LOST,
    DEVICE_STATUS_SIGNED_OUT,
    DEVICE_STATUS_WIPED,
    Command,
    CommandResult,
    DeviceRecord,
    DeviceStatus,
    Session,
)
from journey.v1.stream_pb2 import GOING_AWAY_REASON_SIGNED_OUT
from journey_service.application.context import Context
from journey_service.application.customers import check_customer_there, customer_of
from journey_service.application.decided import record_closed
from journey_service.application.leases import complete_transfer
from journey_service.application.limits import end_leases
from journey_service.application.resume import page_size
from journey_service.application.tokens import last_key_of, page_token
from journey_service.application.visitors import end_visits
from journey_service.domain.batch import LeaseLimit
from journey_service.domain.devices import Installation, device_record, is_on
from journey_service.domain.errors import FieldViolations
from journey_service.domain.identity import Principal, reach
from journey_service.domain.tokens import fingerprint
from journey_service.ports import CommandKey
from journey_service.ports_of_devices import Ordered

COMMAND_NAMESPACE = uuid.UUID("0b8e6f0a-6d2f-4c57-9a7c-3a1c2f5f7d20")
_ORDERED_BY = {
    DEVICE_STATUS_SIGNED_OUT: COMMAND_KIND_SIGN_OUT,
    DEVICE_STATUS_LOST: COMMAND_KIND_WIPE,
    DEVICE_STATUS_WIPED: None,
}


async def list_devices(
    context: Context, principal: Principal, request: ListDevicesRequest
) -> ListDevicesResponse:
    """A page of the devices of a customer's subjects, last seen first. Raises CustomerNotFound."""
    subject_id = reach(principal, request.subject_id)
    asked = fingerprint(subject_id)
    after = last_key_of(context, request.page_token, "ListDevices", asked)
    size = page_size(request.page_size, context.settings.page_size, context.settings.page_size_max)
    customer = await customer_of(context, principal, subject_id)
    records = await _side_by_side(context, customer.subject_ids)
    if not records:
        await check_customer_there(context, principal, subject_id, customer)
    names = [_name(record) for record in records]
    start = names.index(after) + 1 if after in names else 0
    page = records[start : start + size]
    more = start + size < len(records)
    return ListDevicesResponse(
        devices=page,
        next_page_token=page_token(context, "ListDevices", asked, _name(page[-1])) if more else "",
    )


async def _side_by_side(context: Context, members: Sequence[str]) -> list[DeviceRecord]:
    """The devices of all members, last seen first; those of several say whose they are."""
    found = []
    for subject_id in members:
        for record in _records(await context.devices.installations_of(subject_id)):
            record.subject_id = subject_id if len(members) > 1 else ""
            found.append(record)
    return sorted(found, key=lambda one: (-one.last_seen_at_ms, _name(one)))


def _name(record: DeviceRecord) -> str:
    """What tells a record from the others of its customer: one device may serve several members."""
    device_id = record.device.device_id
    return f"{record.subject_id}/{device_id}" if record.subject_id else device_id


def _records(installations: Sequence[Installation]) -> list[DeviceRecord]:
    """By device."""
    of_device: defaultdict[str, list[Installation]] = defaultdict(list)
    for one in installations:
        of_device[one.device.device_id].append(one)
    return [device_record(found) for found in of_device.values()]


async def sign_out_device(
    context: Context, principal: Principal, request: SignOutDeviceRequest, *, received_ms: int
) -> SignOutDeviceResponse:
    """End a device's sessions, streams and credentials, whichever members of the customer used it.
    Raises CustomerMismatch."""
    subject_id = reach(principal, request.subject_id)
    if request.status not in _ORDERED_BY:
        raise FieldViolations.one("status", "one of SIGNED_OUT, LOST, WIPED")
    customer = await customer_of(context, principal, subject_id)
    answer = SignOutDeviceResponse()
    for name in await _users(context, customer.subject_ids, request.device_id) or [subject_id]:
        command = CommandKey(
            request.command_id,
            f"{principal.role}/{principal.id}/{name}",
            hashlib.sha256(request.SerializeToString(deterministic=True)).digest()[:16],
        )
        done = await _sign_out(
            context, command, name, request.device_id, request.status, received_ms
        )
        if name == subject_id or not answer.HasField("device"):
            answer.device.CopyFrom(done.device)
        answer.closed_sessions += done.closed_sessions
    return answer


async def _users(context: Context, members: Sequence[str], device_id: str) -> Sequence[str]:
    """The members that used a device; of a customer of one subject nobody need look."""
    if len(members) == 1:
        return members
    return [
        subject_id
        for subject_id in members
        if any(is_on(one, device_id) for one in await context.devices.installations_of(subject_id))
    ]


async def _sign_out(
    context: Context,
    command: CommandKey,
    subject_id: str,
    device_id: str,
    status: DeviceStatus,
    received_ms: int,
) -> SignOutDeviceResponse:
    def order(installation_id: str) -> Command | None:
        kind = _ORDERED_BY[status]
        if kind is None:
            return None
        return Command(
            id=str(uuid.uuid5(COMMAND_NAMESPACE, f"{command.command_id}/{installation_id}")),
            kind=kind,
            expires_at_ms=received_ms + context.settings.sign_out_order_life_ms,
        )

    signed_out = await context.devices.sign_out(command, subject_id, device_id, status, order)
    context.standing.forget(subject_id)
    for session in signed_out.closed:
        context.session_cache.put(session)
        context.hub.end_session(session.session_id, GOING_AWAY_REASON_SIGNED_OUT)
    context.devices.tell(subject_id)
    for session in signed_out.closed:
        # Whose household it is only its own credential says: there it counts until it ends. What
        # the device holds at a repeat it may have taken after signing in again.
        if not signed_out.repeated:
            await end_leases(context, session, None)
        await record_closed(context, session, received_ms, SessionClosed.REASON_REVOKED)
    for installation_id in signed_out.record.installation_ids:
        epoch = await context.visiting.installations.epoch(installation_id)
        await end_visits(context, installation_id, epoch - 1, received_ms=received_ms)
    return SignOutDeviceResponse(device=signed_out.record, closed_sessions=signed_out.closed_count)


async def note_results(
    context: Context,
    session: Session,
    results: Sequence[CommandResult],
    limit: LeaseLimit | None,
    *,
    received_ms: int,
) -> list[Ordered]:
    """Note what became of commands: a device that says it is wiped, is; one that opened a journey
    that was sent to it has its lease. Returns what is news."""
    found = await context.devices.answer(session.subject_id, session.installation_id, results)
    for ordered in found:
        if ordered.command.kind == COMMAND_KIND_OPEN_AT and ordered.done:
            await complete_transfer(
                context,
                session,
                session.installation_id,
                ordered.command,
                limit,
                received_ms=received_ms,
            )
        if ordered.command.kind == COMMAND_KIND_WIPE and ordered.done:
            command = CommandKey(ordered.command.id, "wiped", b"")
            await _sign_out(
                context,
                command,
                session.subject_id,
                session.device.device_id,
                DEVICE_STATUS_WIPED,
                received_ms,
            )
    if found:
        context.devices.tell(session.subject_id)
    return found
