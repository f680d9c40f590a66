"""Bookings: asked for, held, confirmed, kept; or called off, or run out.

requested ─▶ held ─▶ confirmed ─▶ done
└─────────┴──────────┴──────▶ cancelled      (expired: from requested and held)
"""

from __future__ import annotations

from collections.abc import Mapping

from journey.v1 import errors_pb2 as reasons
from journey.v1.errors_pb2 import ErrorReason
from journey.v1.folds_pb2 import BookingFold, JourneyFold, Machine
from journey.v1.interactions_pb2 import BookingChanged
from journey.v1.journeys_pb2 import Journey
from projections import thresholds
from projections.fold import Order
from projections.machines import Step, join_steps, last_step, stepped
from projections.projection import Act, JourneyKind, MachineRule, Read, activity_by_intent

NONE = BookingChanged.STATUS_UNSPECIFIED
REQUESTED = BookingChanged.STATUS_REQUESTED
HELD = BookingChanged.STATUS_HELD
CONFIRMED = BookingChanged.STATUS_CONFIRMED
DONE = BookingChanged.STATUS_DONE
CANCELLED = BookingChanged.STATUS_CANCELLED
EXPIRED = BookingChanged.STATUS_EXPIRED

# What may follow; where nothing follows the booking is over.
FOLLOWING: Mapping[int, frozenset[int]] = {
    NONE: frozenset({REQUESTED}),
    REQUESTED: frozenset({HELD, CANCELLED, EXPIRED}),
    HELD: frozenset({CONFIRMED, CANCELLED, EXPIRED}),
    CONFIRMED: frozenset({DONE, CANCELLED}),
}
OPEN = frozenset({REQUESTED, HELD})
OVER = frozenset({DONE, CANCELLED, EXPIRED})


def ended(booking: BookingFold, _act: Act) -> bool:
    """It took place, was called off, or ran out."""
    return _status(booking.machine) in OVER


def forbidden(booking: BookingFold, act: Act, _read: Read) -> ErrorReason | None:
    """One step after the other."""
    following = FOLLOWING.get(_status(booking.machine), frozenset())
    return None if act.body.status in following else reasons.ERROR_REASON_STATE_CONFLICT


def _status(machine: Machine) -> int:
    step = last_step(machine)
    return step.body.status if step is not None else NONE


def publish(fold: JourneyFold, journey: Journey) -> Order | None:
    """Fill `journey.booking` and `finished`; returns the activity."""
    step = last_step(fold.booking.machine)
    if step is not None:
        _publish(step, journey)
    journey.finished = journey.booking.status in OVER
    return activity_by_intent(fold)


def _publish(step: Step, journey: Journey) -> None:
    body, state = step.body, journey.booking
    state.status = body.status
    state.slot_start_ms, state.slot_end_ms = body.slot_start_ms, body.slot_end_ms
    if body.HasField("store"):
        state.store.CopyFrom(body.store)
    state.resource, state.party = body.resource, body.party
    state.hold_until_ms = body.hold_until_ms


def _finished_from_ms(journey: Journey) -> int:
    """A confirmed booking is over when its slot is."""
    return journey.booking.slot_end_ms if journey.booking.status == CONFIRMED else 0


BOOKING = JourneyKind(
    name="booking",
    folds={"booking_changed": stepped},
    merge=join_steps,
    publish=publish,
    listed=lambda journey: journey.booking.status in OPEN,
    archive_after_ms=lambda _: thresholds.ARCHIVE_AFTER_MS,
    finished_from_ms=_finished_from_ms,
    rule=MachineRule(judged=frozenset({"booking_changed"}), forbidden=forbidden, ended=ended),
)
