"""Where a journey of each kind can be gone on with, in words for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from journey.v1.interactions_pb2 import BookingChanged, ConversationStatusSet
from journey.v1.journeys_pb2 import CheckoutStatus, Journey, OrderStatus

PPM_OF_A_PERCENT = 10_000


def series(journey: Journey) -> str:
    """The member in progress, else what comes next."""
    state = journey.series
    if state.HasField("current"):
        return f"{state.current.kind}/{state.current.journey_id}"
    if state.HasField("up_next"):
        return f"next: {state.up_next.kind}/{state.up_next.journey_id}"
    return ""


def reading(journey: Journey) -> str:
    """The share read and the place."""
    percent = journey.reading.progress_ppm // PPM_OF_A_PERCENT
    return f"{percent} % ({journey.reading.locator})" if journey.reading.locator else ""


def order(journey: Journey) -> str:
    """How many units stand where."""
    units: Counter[OrderStatus] = Counter()
    for line in journey.order.lines:
        for standing in line.quantities:
            units[standing.status] += standing.quantity
    words = (
        f"{count} {_word(OrderStatus.Name(status), 'ORDER_STATUS_')}"
        for status, count in sorted(units.items())
    )
    return ", ".join(words)


def checkout(journey: Journey) -> str:
    """Where it stands, and the step the customer came to."""
    status = _word(CheckoutStatus.Name(journey.checkout.status), "CHECKOUT_STATUS_")
    return f"{status}: {journey.checkout.step}" if journey.checkout.step else status


def conversation(journey: Journey) -> str:
    """Where it stands, and how many messages are new."""
    state = journey.conversation
    status = _word(ConversationStatusSet.Status.Name(state.status), "STATUS_")
    unread = sum(message.no > state.read_no for message in state.messages)
    return f"{status}, {unread} unread"


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower().replace("_", " ")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


# In words by kind; empty = nothing to go on with.
PLACES: Mapping[str, Callable[[Journey], str]] = {
    "cart": lambda it: _listed(f"{line.line_key} × {line.quantity}" for line in it.cart.lines),
    "list": lambda it: _listed(item.item_key for item in it.list.items),
    "series": series,
    "reading": reading,
    "search": lambda it: it.search.query,
    "preferences": lambda it: _listed(f"{e.key} = {e.value}" for e in it.preferences.entries),
    "browse": lambda it: _listed(item.product.sku for item in it.browse.items),
    "checkout": checkout,
    "form": lambda it: _listed(f"{each.field} = {each.value}" for each in it.form.answers),
    "conversation": conversation,
    "order": order,
    "rewards": lambda it: f"{it.rewards.balance:,} points",
    "booking": lambda it: _word(BookingChanged.Status.Name(it.booking.status), "STATUS_"),
    "custom": lambda it: it.custom.json,
}
