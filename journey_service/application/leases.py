"""Leases as callers see and ask for them: acquired, given up, sent to another device.

transfer: OPEN_AT to the target ──▶ its result, or its play ──▶ lease moves, source pauses
└── no answer in time ──▶ nothing has changed
"""

from __future__ import annotations

import asyncio
import uuid

import projections
from journey.v1.interactions_pb2 import Interaction, JourneyTransferred, LeaseGranted
from journey.v1.references_pb2 import JourneyRef, Lease, Place
from journey.v1.session_service_pb2 import (
    ACQUIRE_MODE_IF_FREE,
    ACQUIRE_MODE_UNSPECIFIED,
    TRANSFER_RESULT_NO_ANSWER,
    TRANSFER_RESULT_REFUSED,
    TRANSFER_RESULT_TAKEN,
    AcquireLeaseRequest,
    AcquireLeaseResponse,
    ReleaseLeaseRequest,
    ReleaseLeaseResponse,
    TransferLeaseRequest,
    TransferLeaseResponse,
    TransferResult,
)
from journey.v1.sessions_pb2 import (
    COMMAND_KIND_OPEN_AT,
    Command,
    CommandResult,
    Session,
)
from journey_service.application.context import Context
from journey_service.application.customers import sees_proved_only
from journey_service.application.decided import record_decided
from journey_service.application.hub import Watcher
from journey_service.application.limits import COMMAND_NAMESPACE, limit_of, tell_to_pause
from journey_service.application.tokens import state_token
from journey_service.application.told import shown_lease
from journey_service.domain.batch import LeaseLimit
from journey_service.domain.devices import LOST
from journey_service.domain.errors import (
    CommandIdReused,
    CustomerMismatch,
    FieldViolations,
)
from journey_service.domain.identity import Principal, claimant_of
from journey_service.domain.leases import NOBODY, LeaseRow

MAX_ID_CHARS = 128
# How soon a transfer looks again whether or not it was told of something, and for how long after
# its time it looks for an answer that came at the last moment.
LOOK_AGAIN_S = 0.25
LAST_LOOK_MS = 50
# Of the call's deadline, for the answer to travel.
RESERVE_S = 0.25


# --- acquire and release --------------------------------------------------------------------------


async def acquire_lease(
    context: Context, principal: Principal, request: AcquireLeaseRequest, *, received_ms: int
) -> AcquireLeaseResponse:
    """Become, or stay, the active device. Raises LeaseHeld, LimitReached, CommandIdReused."""
    if request.mode == ACQUIRE_MODE_UNSPECIFIED:
        raise FieldViolations.one("mode", "one of IF_FREE, TAKE_OVER")
    session = await _session(context, principal, request.session_id, request.journey)
    lease = await take_lease(
        context,
        session,
        request.journey,
        received_ms=received_ms,
        name=f"{claimant_of(principal)}/{request.command_id}/lease",
        only_if_free=request.mode == ACQUIRE_MODE_IF_FREE,
        limit=limit_of(principal, context.settings),
    )
    found = await context.reader.read(session.subject_id, proved_only=sees_proved_only(principal))
    key = projections.key_of(request.journey)
    answer = AcquireLeaseResponse(lease=lease, token=state_token(context, found.view, journey=key))
    if key in found.view.folds:
        answer.journey.CopyFrom(found.view.publish(key, context.clock.now_ms()))
    return answer


async def take_lease(
    context: Context,
    session: Session,
    journey: JourneyRef,
    *,
    received_ms: int,
    name: str,
    only_if_free: bool = False,
    limit: LeaseLimit | None = None,
) -> Lease:
    """Give the lease to the session's device, recorded as lease_granted; `name` tells the call
    from others. Raises LeaseHeld, LimitReached, CommandIdReused."""
    granted = LeaseGranted(installation_id=session.installation_id)
    appended = await record_decided(
        context,
        session,
        received_ms,
        Interaction(journey=journey, lease_granted=granted),
        name=name,
        only_if_free=only_if_free,
        limit=limit,
    )
    if appended.results[0].reason:
        raise CommandIdReused
    await tell_to_pause(context, appended.paused)
    lease = appended.results[0].lease
    lease.installation_id = lease.installation_id or session.installation_id
    if lease.installation_id == session.installation_id:
        lease.device_id = session.device.device_id
    return lease


async def release_lease(
    context: Context, principal: Principal, request: ReleaseLeaseRequest
) -> ReleaseLeaseResponse:
    """Give the lease up, if the caller's device still holds it under this epoch."""
    session = await _session(context, principal, request.session_id, request.journey)
    row = await _lease(context, session.subject_id, request.journey)
    if (row.installation_id, row.epoch) != (session.installation_id, request.epoch):
        # An epoch that is still to come may be another device's by then.
        return ReleaseLeaseResponse(released=False)
    limit = limit_of(principal, context.settings)
    released = await context.journal.release(
        session.subject_id,
        request.journey.kind,
        request.journey.journey_id,
        request.epoch,
        limit_group=limit.group if limit else "",
    )
    if released:
        context.devices.tell(session.subject_id)
    return ReleaseLeaseResponse(released=released)


async def _session(
    context: Context, principal: Principal, session_id: str, journey: JourneyRef
) -> Session:
    """The session, if it may act on the journey. Raises CustomerMismatch, FieldViolations."""
    check_journey(journey)
    session = await context.session_cache.of_call(principal, session_id)
    if session.guest and session.journey != journey:
        raise CustomerMismatch
    return session


def check_journey(journey: JourneyRef) -> None:
    """Whether there can be such a journey. Raises FieldViolations."""
    if journey.kind not in projections.KINDS:
        known = ", ".join(sorted(projections.KINDS))
        raise FieldViolations.one("journey.kind", f"one of {known}")
    if len(journey.journey_id) > MAX_ID_CHARS or not journey.journey_id.isprintable():
        raise FieldViolations.one("journey.journey_id", f"at most {MAX_ID_CHARS} characters")


async def _lease(context: Context, subject_id: str, journey: JourneyRef) -> LeaseRow:
    """The lease that sessions of this subject take from one another; linked ones have their own."""
    found = await context.reader.read(subject_id)
    return found.own_leases.get(projections.key_of(journey), NOBODY)


# --- transfer -------------------------------------------------------------------------------------


async def transfer_lease(
    context: Context,
    principal: Principal,
    request: TransferLeaseRequest,
    *,
    received_ms: int,
    deadline: float | None,
) -> TransferLeaseResponse:
    """Offer a journey to another device, and wait for it. Raises CustomerMismatch where the
    customer has no such device."""
    session = await _session(context, principal, request.session_id, request.journey)
    await _check_target(context, session, request.to_installation_id)
    wait_ms = context.settings.transfer_answer_ms
    if deadline is not None:
        left_s = deadline - asyncio.get_running_loop().time() - RESERVE_S
        wait_ms = max(0, min(wait_ms, int(left_s * 1_000)))
    before = await _lease(context, session.subject_id, request.journey)
    order = await _open_at(context, principal, session, request, received_ms + wait_ms)
    result = await _answered(context, principal, session, request, order, before, received_ms)
    row = await _lease(context, session.subject_id, request.journey)
    answer = TransferLeaseResponse(result=result)
    if row.epoch:
        found = await context.reader.read(session.subject_id)
        answer.lease.CopyFrom(shown_lease(found, projections.key_of(request.journey), row))
    return answer


async def _check_target(context: Context, session: Session, installation_id: str) -> None:
    known = await context.devices.installations_of(session.subject_id)
    standing = {one.installation_id: one.status for one in known}
    if installation_id not in standing or standing[installation_id] in LOST:
        raise CustomerMismatch


async def _open_at(
    context: Context,
    principal: Principal,
    session: Session,
    request: TransferLeaseRequest,
    expires_at_ms: int,
) -> Command:
    """The target is told to open the journey where it stands; it extrapolates by itself."""
    name = f"{session.subject_id}/{request.command_id}/transfer"
    order = Command(
        id=str(uuid.uuid5(COMMAND_NAMESPACE, name)),
        kind=COMMAND_KIND_OPEN_AT,
        journey=request.journey,
        expires_at_ms=expires_at_ms,
    )
    found = await context.reader.read(session.subject_id, proved_only=sees_proved_only(principal))
    key = projections.key_of(request.journey)
    if key in found.view.folds and request.journey.kind == "media":
        media = found.view.publish(key, context.clock.now_ms()).media
        place = Place(point_ms=media.point_ms, as_of_ms=media.as_of_ms, speed=media.speed)
        order.place.CopyFrom(place)
        order.playing = bool(media.speed) and key in found.leases
    await context.devices.order(session.subject_id, request.to_installation_id, order)
    context.devices.tell(session.subject_id)
    return order


async def _answered(
    context: Context,
    principal: Principal,
    session: Session,
    request: TransferLeaseRequest,
    order: Command,
    before: LeaseRow,
    received_ms: int,
) -> TransferResult:
    """Wait for the target's result, or for its play; after the order's time nothing counts."""
    target = request.to_installation_id
    limit = limit_of(principal, context.settings)
    watcher = Watcher(frozenset({session.subject_id}))
    with context.hub.watch(watcher):
        while True:
            found = await context.devices.ordered(session.subject_id, target, order.id)
            if found is not None and found.answered:
                if not found.done:
                    return TRANSFER_RESULT_REFUSED
                # The process that noted the result does the same, unless it was cut off.
                await complete_transfer(
                    context, session, target, found.command, limit, received_ms=received_ms
                )
                return TRANSFER_RESULT_TAKEN
            row = await _lease(context, session.subject_id, request.journey)
            if row.installation_id == target and row.epoch > before.epoch:
                result = CommandResult(id=order.id, done=True)
                await context.devices.answer(session.subject_id, target, [result])
                continue
            stored_end_ms = found.command.expires_at_ms if found else order.expires_at_ms
            if context.clock.now_ms() > stored_end_ms + LAST_LOOK_MS:
                return TRANSFER_RESULT_NO_ANSWER
            watcher.take()
            await watcher.wake.wait(asyncio.get_running_loop().time() + LOOK_AGAIN_S)


async def complete_transfer(
    context: Context,
    session: Session,
    target: str,
    order: Command,
    limit: LeaseLimit | None,
    *,
    received_ms: int,
) -> None:
    """The target took it: the lease moves, which is recorded, and the source pauses."""
    moved = JourneyTransferred(to_installation_id=target)
    if order.HasField("place"):
        moved.point_ms, moved.speed = order.place.point_ms, order.place.speed
    appended = await record_decided(
        context,
        session,
        received_ms,
        Interaction(journey=order.journey, journey_transferred=moved),
        name=f"{order.id}/transferred",
        limit=limit,
    )
    await tell_to_pause(context, appended.paused)
