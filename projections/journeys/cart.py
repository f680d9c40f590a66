"""Carts: a plus adds, a number field sets, and what nobody saw is never lost.

Quantities are tagged: a set or a remove cancels what its device had in view and nothing else. An
order cancels on every line what its submit had in view; the rest is the next cart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from urllib.parse import quote

from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import (
    CartCheckoutFold,
    CartCouponFold,
    CartFold,
    CartLineFold,
    JourneyFold,
)
from journey.v1.interactions_pb2 import CartCouponSet, FulfilmentMethod, Line
from journey.v1.journeys_pb2 import (
    CartCouponState,
    CartFulfilmentState,
    CartLineState,
    CartState,
    CartStatus,
    Journey,
    LineOption,
)
from projections import thresholds
from projections.fold import (
    Order,
    add_quantity,
    cancel_quantity,
    drop_cancelled_quantity,
    entry,
    include_text,
    join,
    join_quantity,
    keep_latest,
    order_of,
    quantity_of,
    raise_marks,
    set_quantity,
)
from projections.projection import Act, JourneyKind, activity_by_intent, serialized
from projections.published import keep_newest

DEFAULT_CART = "main"
PIECE = "C62"
NO_LIMIT = -1
NOTE_FIELD = "note"
LAST_ATTEMPT = 2**31 - 1
KEY_CHARS = 128
FULFILMENT_METHODS = frozenset(FulfilmentMethod.values())
COUPON_STATUSES = frozenset(CartCouponSet.Status.values())


# --- fold: lines ---------------------------------------------------------------------------------


def added(cart: CartFold, act: Act) -> None:
    """More or fewer of a line."""
    line = _tell_line(cart, act, act.body.line)
    add_quantity(line.quantity, act.write(number=act.body.line.quantity), cart.marks)
    if act.body.HasField("added_from"):
        keep_latest(line.added_from, act.write(message=serialized(act.body.added_from)))


def quantity_set(cart: CartFold, act: Act) -> None:
    """So many of a line from now on."""
    _set_line(cart, act, act.body.line)


def merged(cart: CartFold, act: Act) -> None:
    """Two carts met: a set on each line, by a cut that covers both."""
    for line in act.body.lines:
        _set_line(cart, act, line)


def removed(cart: CartFold, act: Act) -> None:
    """A line was taken out."""
    cancel_quantity(_line(cart, act.body.line_key).quantity, act.marks)


def limit_set(cart: CartFold, act: Act) -> None:
    """A back end limits what a line may hold, or lifts the limit; it fails no add."""
    limited = act.body.HasField("max_quantity")
    write = act.write(number=act.body.max_quantity if limited else NO_LIMIT)
    keep_latest(_line(cart, act.body.line_key).limit, write)


def _line(cart: CartFold, line_key: str) -> CartLineFold:
    line = entry(cart.lines, CartLineFold, "line_key", line_key)
    line.quantity.SetInParent()  # there in any case, so that presence tells nothing of the order
    return line


def _set_line(cart: CartFold, act: Act, line: Line) -> None:
    known = _tell_line(cart, act, line)
    set_quantity(known.quantity, act.write(number=line.quantity), act.marks, cart.marks)


def _tell_line(cart: CartFold, act: Act, line: Line) -> CartLineFold:
    """Keep what is told of a line; what is not set is not told."""
    known = _line(cart, key_of_line(line))
    if line.HasField("product"):
        told = CartLineState(product=line.product, unit=line.unit or PIECE)
        keep_latest(known.product, act.write(message=serialized(told)))
    if line.HasField("unit_price"):
        keep_latest(known.unit_price, act.write(message=serialized(line.unit_price)))
    if line.options:
        told = CartLineState(options=options_of_line(line))
        keep_latest(known.options, act.write(message=serialized(told)))
    return known


def options_of_line(line: Line) -> list[LineOption]:
    """Its options, sorted by name."""
    return [LineOption(name=name, value=value) for name, value in sorted(line.options.items())]


def key_of_line(line: Line) -> str:
    """Its key, or where that is empty one made of sku and options, at most 128 characters."""
    if line.line_key or not line.options:
        return line.line_key or line.product.sku
    pairs = (f"{quote(o.name, safe='')}={quote(o.value, safe='')}" for o in options_of_line(line))
    key = ";".join((line.product.sku, *pairs))
    if len(key) <= KEY_CHARS:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"{line.product.sku[: KEY_CHARS - 33]};{digest}"


# --- fold: coupons, fulfilment, note -------------------------------------------------------------


def coupon_set(cart: CartFold, act: Act) -> None:
    """A coupon was entered or removed, or the shop answered one."""
    coupon = entry(cart.coupons, CartCouponFold, "code", act.body.code)
    told = CartCouponState(code=act.body.code)
    if act.body.status in COUPON_STATUSES:
        told.status = act.body.status
    if act.body.HasField("discount"):
        told.discount.CopyFrom(act.body.discount)
    keep_latest(coupon.standing, act.write(message=serialized(told)))


def fulfilment_set(cart: CartFold, act: Act) -> None:
    """The whole choice of how to receive the goods."""
    told = CartFulfilmentState(
        slot_start_ms=act.body.slot_start_ms, slot_end_ms=act.body.slot_end_ms
    )
    if act.body.method in FULFILMENT_METHODS:
        told.method = act.body.method
    if act.body.HasField("store"):
        told.store.CopyFrom(act.body.store)
    keep_latest(cart.fulfilment, act.write(message=serialized(told)))


def input_saved(cart: CartFold, act: Act) -> None:
    """The cart's note was written or cleared."""
    if NOTE_FIELD in act.body.fields:
        keep_latest(cart.note, act.write(text=act.body.fields[NOTE_FIELD].text))


# --- fold: checkouts and orders ------------------------------------------------------------------
# A submit and its refusal name no cart: they concern the default cart, unless their checkout was
# started from another one.


def checkout_started(cart: CartFold, act: Act) -> None:
    """A checkout began from another cart than this one."""
    _checkout(cart, _own_id(act)).elsewhere = True


def checkout_submitted(cart: CartFold, act: Act) -> None:
    """The customer ordered: the cart is frozen until the attempt is answered."""
    checkout = _checkout(cart, _own_id(act))
    checkout.submitted = max(checkout.submitted, act.body.attempt)


def checkout_refused(cart: CartFold, act: Act) -> None:
    """The shop could not take the order."""
    checkout = _checkout(cart, _own_id(act))
    checkout.answered = max(checkout.answered, act.body.attempt)


def order_placed(cart: CartFold, act: Act) -> None:
    """The shop took an order: what its submit had in view has left the cart."""
    if act.body.checkout_id:
        checkout = _checkout(cart, act.body.checkout_id)
        checkout.answered = max(checkout.answered, act.body.attempt or LAST_ATTEMPT)
    if act.journey_id != _cart_of_order(act.event):
        return
    include_text(cart.order_ids, _own_id(act))
    raise_marks(cart.marks, act.marks)
    for line in cart.lines:
        drop_cancelled_quantity(line.quantity, act.marks)


def _checkout(cart: CartFold, checkout_id: str) -> CartCheckoutFold:
    return entry(cart.checkouts, CartCheckoutFold, "checkout_id", checkout_id)


def _own_id(act: Act) -> str:
    return act.event.interaction.journey.journey_id


def _cart_of_order(event: Event) -> str:
    """Cart that an order was made from; empty = none."""
    order = event.interaction.order_placed
    return order.cart_id or (DEFAULT_CART if order.checkout_id else "")


def _carts_of_start(event: Event) -> Iterable[str]:
    started = event.interaction.checkout_started.cart_id
    return () if started in {"", DEFAULT_CART} else (DEFAULT_CART,)


def _default_cart(_event: Event) -> Iterable[str]:
    return (DEFAULT_CART,)


def _carts_of_order(event: Event) -> Iterable[str]:
    answers = DEFAULT_CART if event.interaction.order_placed.checkout_id else ""
    return dict.fromkeys(cart for cart in (_cart_of_order(event), answers) if cart)


# --- merge ---------------------------------------------------------------------------------------


def merge(mine: CartFold, theirs: CartFold) -> None:
    """Join the second state into the first."""
    raise_marks(mine.marks, theirs.marks)
    for line in mine.lines:
        drop_cancelled_quantity(line.quantity, mine.marks)
    for line in theirs.lines:
        known = _line(mine, line.line_key)
        join_quantity(known.quantity, line.quantity, mine.marks)
        join(keep_latest, known, line, "product", "unit_price", "options", "added_from", "limit")
    for coupon in theirs.coupons:
        known_coupon = entry(mine.coupons, CartCouponFold, "code", coupon.code)
        join(keep_latest, known_coupon, coupon, "standing")
    join(keep_latest, mine, theirs, "fulfilment", "note")
    for checkout in theirs.checkouts:
        _join_checkout(_checkout(mine, checkout.checkout_id), checkout)
    for order_id in theirs.order_ids:
        include_text(mine.order_ids, order_id)


def _join_checkout(mine: CartCheckoutFold, theirs: CartCheckoutFold) -> None:
    mine.submitted = max(mine.submitted, theirs.submitted)
    mine.answered = max(mine.answered, theirs.answered)
    mine.elsewhere = mine.elsewhere or theirs.elsewhere


# --- published state -----------------------------------------------------------------------------


def publish(fold: JourneyFold, journey: Journey) -> Order | None:
    """Fill `journey.cart`; returns the activity."""
    cart, state = fold.cart, journey.cart
    _publish_lines(cart, state)
    _publish_coupons(cart, state)
    if cart.HasField("fulfilment"):
        state.fulfilment.MergeFromString(cart.fulfilment.message)
    state.digest = digest_of(state)
    state.note = cart.note.text
    frozen = any(_is_unanswered(checkout) for checkout in cart.checkouts)
    state.status = CartStatus.CART_STATUS_FROZEN if frozen else CartStatus.CART_STATUS_ACTIVE
    state.generation = len(cart.order_ids)
    return activity_by_intent(fold)


def digest_of(state: CartState) -> str:
    """First 16 hex digits of SHA-256 over lines, coupons and fulfilment as serialized."""
    shown = CartState(lines=state.lines, coupons=state.coupons)
    if state.HasField("fulfilment"):
        shown.fulfilment.CopyFrom(state.fulfilment)
    return hashlib.sha256(serialized(shown)).hexdigest()[:16]


def _publish_lines(cart: CartFold, state: CartState) -> None:
    wanted = [(line, quantity_of(line.quantity)) for line in cart.lines]
    lines = [(line, quantity) for line, quantity in wanted if quantity > 0]
    for line, quantity in lines:
        _publish_line(line, quantity, state.lines.add())
    state.more = keep_newest(
        state.lines, lambda index: _touched(lines[index][0]), thresholds.CART_LINES_MOST
    )


def _touched(line: CartLineFold) -> Order:
    return max(map(order_of, [*line.quantity.sets, *line.quantity.adds]))


def _publish_line(line: CartLineFold, wanted: int, state: CartLineState) -> None:
    state.MergeFromString(line.product.message)
    state.MergeFromString(line.options.message)
    if line.HasField("unit_price"):
        state.unit_price.MergeFromString(line.unit_price.message)
    if line.HasField("added_from"):
        state.added_from.MergeFromString(line.added_from.message)
    limited = line.HasField("limit") and line.limit.number != NO_LIMIT
    state.line_key = line.line_key
    state.wanted = wanted
    state.quantity = min(wanted, line.limit.number) if limited else wanted
    state.capped = state.quantity < wanted


def _publish_coupons(cart: CartFold, state: CartState) -> None:
    coupons = []
    for coupon in cart.coupons:
        standing = CartCouponState.FromString(coupon.standing.message)
        if standing.status != CartCouponSet.STATUS_REMOVED:
            coupons.append(coupon)
            state.coupons.append(standing)
    cut = keep_newest(
        state.coupons,
        lambda index: order_of(coupons[index].standing),
        most_bytes=thresholds.SIDE_LIST_BYTES,
    )
    state.more = state.more or cut


def _is_unanswered(checkout: CartCheckoutFold) -> bool:
    return checkout.submitted > checkout.answered and not checkout.elsewhere


def _archive_after_ms(journey: Journey) -> int:
    if journey.cart.lines:
        return thresholds.ARCHIVE_AFTER_MS
    return thresholds.EMPTY_CART_ARCHIVE_AFTER_MS


CART = JourneyKind(
    name="cart",
    folds={
        "cart_line_added": added,
        "cart_line_quantity_set": quantity_set,
        "cart_line_removed": removed,
        "cart_line_limit_set": limit_set,
        "cart_coupon_set": coupon_set,
        "cart_fulfilment_set": fulfilment_set,
        "cart_merged": merged,
        "input_saved": input_saved,
        "checkout_started": checkout_started,
        "checkout_submitted": checkout_submitted,
        "checkout_refused": checkout_refused,
        "order_placed": order_placed,
    },
    merge=merge,
    publish=publish,
    listed=lambda journey: bool(journey.cart.lines),
    archive_after_ms=_archive_after_ms,
    concerns={
        "checkout_started": _carts_of_start,
        "checkout_submitted": _default_cart,
        "checkout_refused": _default_cart,
        "order_placed": _carts_of_order,
    },
)
