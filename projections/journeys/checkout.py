"""Checkouts: from a cart to an order. What was submitted is what the cart showed, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from journey.v1 import errors_pb2 as reasons
from journey.v1.errors_pb2 import ErrorReason
from journey.v1.events_pb2 import Cut, Event
from journey.v1.folds_pb2 import CheckoutFold, JourneyFold, Machine
from journey.v1.interactions_pb2 import CheckoutRefused, CheckoutStarted
from journey.v1.journeys_pb2 import CartStatus, CheckoutState, CheckoutStatus, Journey
from projections import thresholds
from projections.fold import Order, join, keep_latest
from projections.journeys.cart import DEFAULT_CART, LAST_ATTEMPT
from projections.journeys.inputs import join_inputs, publish_inputs, save_inputs
from projections.machines import join_steps, stepped, steps_of
from projections.projection import (
    Act,
    JourneyKind,
    MachineRule,
    Read,
    activity_by_intent,
    serialized,
)

PAYMENT_FIELD = "payment_ref"
OPEN = CheckoutStatus.CHECKOUT_STATUS_OPEN
SUBMITTED = CheckoutStatus.CHECKOUT_STATUS_SUBMITTED
REFUSED = CheckoutStatus.CHECKOUT_STATUS_REFUSED
ORDERED = CheckoutStatus.CHECKOUT_STATUS_ORDERED


# --- fold ----------------------------------------------------------------------------------------


def started(checkout: CheckoutFold, act: Act) -> None:
    """The customer went from the cart to the checkout."""
    keep_latest(checkout.started, act.write(message=serialized(act.body)))


def step_entered(checkout: CheckoutFold, act: Act) -> None:
    """The customer came to a step."""
    keep_latest(checkout.step, act.write(text=act.body.step, number=act.body.step_no))


def input_saved(checkout: CheckoutFold, act: Act) -> None:
    """Address, payment reference and whatever else was entered."""
    save_inputs(checkout.inputs, act)


def order_placed(checkout: CheckoutFold, act: Act) -> None:
    """The shop took the order."""
    order_id = act.event.interaction.journey.journey_id
    keep_latest(checkout.order, act.write(text=order_id, number=act.body.attempt))


def _checkout_of_order(event: Event) -> Iterable[str]:
    checkout_id = event.interaction.order_placed.checkout_id
    return (checkout_id,) if checkout_id else ()


def merge(mine: CheckoutFold, theirs: CheckoutFold) -> None:
    """Join the second state into the first."""
    join(keep_latest, mine, theirs, "started", "step", "order")
    join_inputs(mine.inputs, theirs.inputs)
    join_steps(mine, theirs)


# --- where it stands -----------------------------------------------------------------------------


@dataclass(slots=True)
class Attempts:
    """The last attempt submitted, and how it was refused, if it was."""

    last: int = 0
    refusal: CheckoutRefused | None = None

    def status(self) -> CheckoutStatus:
        """Where a checkout without order stands."""
        if not self.last:
            return OPEN
        return SUBMITTED if self.refusal is None else REFUSED


def attempts_of(machine: Machine) -> Attempts:
    """What was submitted and refused, in the order in which it was accepted."""
    attempts = Attempts()
    for step in steps_of(machine):
        if step.name == "checkout_submitted" and step.body.attempt > attempts.last:
            attempts = Attempts(step.body.attempt)
        elif step.name == "checkout_refused" and step.body.attempt == attempts.last:
            attempts.refusal = step.body
    return attempts


def cart_of(checkout: CheckoutFold) -> str:
    """Cart it was started from, by its journey_id."""
    return CheckoutStarted.FromString(checkout.started.message).cart_id or DEFAULT_CART


def cart_key(checkout: CheckoutFold) -> str:
    """Key of that cart's state."""
    return f"cart/{cart_of(checkout)}"


def cut_of_submit(checkout: CheckoutFold, event: Event) -> Cut | None:
    """What the submit that an order names had in view; an order that names none gets none."""
    attempt = event.interaction.order_placed.attempt
    for step in steps_of(checkout.machine):
        if step.name == "checkout_submitted" and step.body.attempt == attempt:
            return step.event.cut
    return None


# --- rule ----------------------------------------------------------------------------------------


def ended(checkout: CheckoutFold, act: Act) -> bool:
    """The order is placed; while a submit is unanswered nothing is entered, too."""
    if checkout.HasField("order"):
        return True
    submitted = attempts_of(checkout.machine).status() == SUBMITTED
    return submitted and act.name not in {"checkout_submitted", "checkout_refused"}


def forbidden(checkout: CheckoutFold, act: Act, read: Read) -> ErrorReason | None:
    """Attempts follow each other, and a submit is about the cart as it is."""
    attempts = attempts_of(checkout.machine)
    match act.name:
        case "checkout_submitted":
            if (
                attempts.status() == SUBMITTED
                or not attempts.last < act.body.attempt < LAST_ATTEMPT
            ):
                return reasons.ERROR_REASON_STATE_CONFLICT
            return _against_the_cart(checkout, act, read)
        case "checkout_refused":
            answers = attempts.status() == SUBMITTED and act.body.attempt == attempts.last
            return None if answers else reasons.ERROR_REASON_STATE_CONFLICT
        case _:
            return None


def _against_the_cart(checkout: CheckoutFold, act: Act, read: Read) -> ErrorReason | None:
    cart = read(cart_key(checkout)).cart
    if cart.digest != act.body.cart_digest:
        return reasons.ERROR_REASON_CART_CHANGED
    if cart.status == CartStatus.CART_STATUS_FROZEN:
        # Another checkout has submitted it: it would be ordered twice.
        return reasons.ERROR_REASON_STATE_CONFLICT
    return None


# --- published state -----------------------------------------------------------------------------


def publish(fold: JourneyFold, journey: Journey) -> Order | None:
    """Fill `journey.checkout` and `finished`; returns the activity."""
    checkout, state = fold.checkout, journey.checkout
    begun = CheckoutStarted.FromString(checkout.started.message)
    state.cart_id, state.cart_digest = begun.cart_id, begun.cart_digest
    state.step, state.step_no = checkout.step.text, checkout.step.number
    _publish_inputs(checkout, journey)
    _publish_attempts(checkout, state)
    if checkout.HasField("order"):
        state.status, state.order_id = ORDERED, checkout.order.text
    journey.finished = state.status == ORDERED
    return activity_by_intent(fold)


def _publish_inputs(checkout: CheckoutFold, journey: Journey) -> None:
    state = journey.checkout
    state.more = publish_inputs(checkout.inputs, state.address, journey.conflicts)
    for index, each in enumerate(state.address):
        if each.field == PAYMENT_FIELD:
            state.payment_ref = each.value
            del state.address[index]
            break


def _publish_attempts(checkout: CheckoutFold, state: CheckoutState) -> None:
    attempts = attempts_of(checkout.machine)
    state.status, state.attempt = attempts.status(), attempts.last
    if attempts.refusal is not None:
        state.refused, state.refused_detail = attempts.refusal.reason, attempts.refusal.detail


def _listed(journey: Journey) -> bool:
    state = journey.checkout
    return bool(state.cart_id or state.step or state.address or state.attempt)


CHECKOUT = JourneyKind(
    name="checkout",
    folds={
        "checkout_started": started,
        "step_entered": step_entered,
        "input_saved": input_saved,
        "checkout_submitted": stepped,
        "checkout_refused": stepped,
        "order_placed": order_placed,
    },
    merge=merge,
    publish=publish,
    listed=_listed,
    archive_after_ms=lambda _: thresholds.ARCHIVE_AFTER_MS,
    concerns={"order_placed": _checkout_of_order},
    rule=MachineRule(
        judged=frozenset(
            {
                "checkout_started",
                "step_entered",
                "input_saved",
                "checkout_submitted",
                "checkout_refused",
            }
        ),
        forbidden=forbidden,
        ended=ended,
        reads={"checkout_submitted": ("cart",)},
        about={reasons.ERROR_REASON_CART_CHANGED: cart_key},
        cuts={"order_placed": cut_of_submit},
    ),
)
