"""Orders: every unit stands somewhere, and moves only from where it stands.

    ordered ─┬▶ reserved ─▶ ready_for_pickup ─▶ picked_up ─┬▶ return_requested ─▶ returned
             ├▶ shipped ─▶ delivered ──────────────────────┘                       └▶ refunded
             └▶ cancelled

Units are cancelled from ordered, reserved and ready_for_pickup; they come back from picked_up and
delivered also without having been announced.
Quantities are sums of moves, per line. Each interaction takes its units from the statuses that
its transition names, in that order; where they hold too few it is refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer as Repeated

from journey.v1 import errors_pb2 as reasons
from journey.v1.errors_pb2 import ErrorReason
from journey.v1.folds_pb2 import JourneyFold, Machine, OrderFold
from journey.v1.interactions_pb2 import DeliveryUpdated, Interaction, Line, Money, PickupUpdated
from journey.v1.journeys_pb2 import (
    Journey,
    OrderQuantity,
    OrderState,
    OrderStatus,
)
from projections import thresholds
from projections.fold import GREATEST_INT64, Order, entry
from projections.journeys.cart import PIECE, key_of_line, options_of_line
from projections.machines import Step, join_steps, stepped, steps_of
from projections.projection import Act, JourneyKind, MachineRule, Read, activity_by_intent
from projections.published import keep_newest

ORDERED = OrderStatus.ORDER_STATUS_ORDERED
RESERVED = OrderStatus.ORDER_STATUS_RESERVED
READY = OrderStatus.ORDER_STATUS_READY_FOR_PICKUP
PICKED_UP = OrderStatus.ORDER_STATUS_PICKED_UP
SHIPPED = OrderStatus.ORDER_STATUS_SHIPPED
DELIVERED = OrderStatus.ORDER_STATUS_DELIVERED
RETURN_REQUESTED = OrderStatus.ORDER_STATUS_RETURN_REQUESTED
RETURNED = OrderStatus.ORDER_STATUS_RETURNED
REFUNDED = OrderStatus.ORDER_STATUS_REFUNDED
CANCELLED = OrderStatus.ORDER_STATUS_CANCELLED
NOWHERE = OrderStatus.ORDER_STATUS_UNSPECIFIED
NANOS = 1_000_000_000

# Where nothing is left to be done. Returned units wait for their money, if any was paid.
TERMINAL = frozenset({PICKED_UP, DELIVERED, REFUNDED, CANCELLED})
# From here no way leads on.
DEAD_ENDS = frozenset({REFUNDED, CANCELLED})


class Transition(NamedTuple):
    """Where units go, and where they are taken from, first those of the first status."""

    target: OrderStatus
    sources: tuple[OrderStatus, ...]


TRANSITIONS: Mapping[str, Transition] = {
    "order_cancelled": Transition(CANCELLED, (ORDERED, RESERVED, READY)),
    "pickup_collected": Transition(PICKED_UP, (READY,)),
    "return_requested": Transition(RETURN_REQUESTED, (DELIVERED, PICKED_UP)),
    "return_received": Transition(RETURNED, (RETURN_REQUESTED, DELIVERED, PICKED_UP)),
    "order_refunded": Transition(REFUNDED, (RETURNED,)),
}
PICKUPS: Mapping[int, Transition] = {
    PickupUpdated.STATUS_RESERVED: Transition(RESERVED, (ORDERED,)),
    # Units that are ready already may be told again, with another code.
    PickupUpdated.STATUS_READY: Transition(READY, (RESERVED, READY)),
    PickupUpdated.STATUS_EXPIRED: Transition(CANCELLED, (READY, RESERVED)),
}
DELIVERIES: Mapping[int, Transition] = {
    DeliveryUpdated.STATUS_SHIPPED: Transition(SHIPPED, (ORDERED,)),
    DeliveryUpdated.STATUS_UNDERWAY: Transition(SHIPPED, (SHIPPED,)),
    # Who tells only of the end has sent it, too.
    DeliveryUpdated.STATUS_DELIVERED: Transition(DELIVERED, (SHIPPED, ORDERED)),
    DeliveryUpdated.STATUS_FAILED: Transition(SHIPPED, (SHIPPED,)),
}
BODIES = frozenset(
    {"order_placed", "order_paid", "pickup_updated", "delivery_updated", *TRANSITIONS}
)


class Move(NamedTuple):
    """Units of one line that go from one status to another."""

    line_key: str
    source: OrderStatus
    target: OrderStatus
    quantity: int


def transition_of(name: str, body: Any) -> Transition | None:
    """The transition that a body asks for; None = it moves nothing."""
    match name:
        case "pickup_updated":
            return PICKUPS.get(body.status)
        case "delivery_updated":
            return DELIVERIES.get(body.status)
        case _:
            return TRANSITIONS.get(name)


# --- where the units stand -----------------------------------------------------------------------


def _way(line_key: str, source: OrderStatus, target: OrderStatus, quantity: int) -> list[Move]:
    """The moves from one status to another; none leaves out what lies between."""
    if (source, target) == (ORDERED, DELIVERED):
        sent = Move(line_key, ORDERED, SHIPPED, quantity)
        return [sent, Move(line_key, SHIPPED, DELIVERED, quantity)]
    return [Move(line_key, source, target, quantity)]


@dataclass(slots=True)
class Goods:
    """Where the units of an order stand, as its accepted transitions say."""

    placed: Step | None = None
    # line -> status -> quantity
    units: dict[str, dict[OrderStatus, int]] = field(default_factory=dict)
    moves: list[tuple[Step, Move]] = field(default_factory=list)
    # codes that were given and not used
    codes: set[str] = field(default_factory=set)
    paid: bool = False

    def take(self, line_key: str, wanted: int, transition: Transition) -> list[Move] | None:
        """The moves that bring so many units there; None = they do not stand where they must."""
        standing, moves = self.units.get(line_key, {}), []
        for source in transition.sources:
            quantity = min(wanted, standing.get(source, 0))
            if quantity > 0:
                moves += _way(line_key, source, transition.target, quantity)
                wanted -= quantity
        return None if wanted > 0 else moves

    def plan(self, lines: Iterable[Line], transition: Transition) -> list[Move] | None:
        """The moves of several lines, of which one may come more than once."""
        moves = []
        for line_key, quantity in _quantities(lines).items():
            found = self.take(line_key, quantity, transition)
            if found is None:
                return None
            moves += found
        return moves

    def all_of(self, transition: Transition) -> list[Move]:
        """The moves that bring everything there that can go."""
        return [
            Move(line_key, source, transition.target, standing[source])
            for line_key, standing in self.units.items()
            for source in transition.sources
            if standing.get(source, 0) > 0
        ]

    def moves_of(self, name: str, body: Any) -> list[Move] | None:
        """What a body moves; None = it may not, because the units stand elsewhere."""
        transition = transition_of(name, body)
        if transition is None:
            return []
        if name == "order_cancelled" and not body.lines:
            return self.all_of(transition) or None
        return self.plan(body.lines, transition)

    def move(self, step: Step, moves: Iterable[Move]) -> None:
        """Carry moves out."""
        for move in moves:
            standing = self.units.setdefault(move.line_key, {})
            if move.source != NOWHERE:
                standing[move.source] = standing.get(move.source, 0) - move.quantity
            standing[move.target] = min(
                standing.get(move.target, 0) + move.quantity, GREATEST_INT64
            )
            if move.source != move.target:
                self.moves.append((step, move))

    def statuses(self) -> set[OrderStatus]:
        """Where any unit stands."""
        return {
            status
            for standing in self.units.values()
            for status, quantity in standing.items()
            if quantity > 0
        }


def goods_of(machine: Machine) -> Goods:
    """Where everything stands after all accepted transitions. What does not fit, as it may among
    the homes of a customer who was two before, moves as far as it can."""
    goods = Goods()
    for step in steps_of(machine):
        _go_on(goods, step)
    return goods


def _go_on(goods: Goods, step: Step) -> None:
    match step.name:
        case "order_placed":
            if goods.placed is None:
                goods.placed = step
                goods.move(step, _placed(step.body.lines))
        case "order_paid":
            goods.paid = True
        case _:
            if step.name == "pickup_updated" and step.body.status == PickupUpdated.STATUS_READY:
                goods.codes.add(step.body.collect_code)
            if step.name == "pickup_collected":
                goods.codes.discard(step.body.collect_code)
            goods.move(step, goods.moves_of(step.name, step.body) or ())


def _placed(lines: Iterable[Line]) -> list[Move]:
    return [Move(key, NOWHERE, ORDERED, count) for key, count in _quantities(lines).items()]


def _quantities(lines: Iterable[Line]) -> dict[str, int]:
    found: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        key = key_of_line(line)
        found[key] = min(found[key] + max(0, line.quantity), GREATEST_INT64)
    return found


# --- rule ----------------------------------------------------------------------------------------


def ended(order: OrderFold, act: Act) -> bool:
    """All units are cancelled or refunded; payments may still come in."""
    statuses = goods_of(order.machine).statuses()
    return act.name != "order_paid" and bool(statuses) and statuses <= DEAD_ENDS


def forbidden(order: OrderFold, act: Act, _read: Read) -> ErrorReason | None:
    """The order exists, the units stand where they must, and the code is the right one."""
    goods = goods_of(order.machine)
    if act.name == "order_placed":
        return None
    if goods.placed is None or goods.moves_of(act.name, act.body) is None:
        return reasons.ERROR_REASON_STATE_CONFLICT
    if act.name == "pickup_collected" and not _knows(goods.codes, act.body.collect_code):
        return reasons.ERROR_REASON_COLLECT_CODE_WRONG
    return None


def _knows(codes: set[str], code: str) -> bool:
    # Without a key of the service no hash is kept, and no code can be compared.
    return bool(code) and code in codes


# --- published state -----------------------------------------------------------------------------


def publish(fold: JourneyFold, journey: Journey) -> Order | None:
    """Fill `journey.order` and `finished`; returns the activity."""
    goods = publish_order(fold.order.machine, journey.order)
    journey.finished = _is_finished(goods)
    return activity_by_intent(fold)


def publish_order(machine: Machine, state: OrderState) -> Goods:
    """Fill the published order; returns where its units stand."""
    goods = goods_of(machine)
    if goods.placed is not None:
        _publish_placed(goods.placed, state)
        _publish_lines(goods, state)
    _publish_moves(goods, state)
    for step in steps_of(machine):
        _tell(state, step)
    return goods


def _is_finished(goods: Goods) -> bool:
    """Every unit is terminal; what came back is so where no money is due."""
    terminal = TERMINAL if goods.paid else TERMINAL | {RETURNED}
    statuses = goods.statuses()
    return bool(statuses) and statuses <= terminal


def _publish_placed(step: Step, state: OrderState) -> None:
    body = step.body
    state.totals.ordered.CopyFrom(body.total)
    if body.HasField("discount"):
        state.totals.discount.CopyFrom(body.discount)
    if body.HasField("fulfilment"):
        state.fulfilment.CopyFrom(body.fulfilment)
    if body.HasField("store"):
        state.store.CopyFrom(body.store)
    state.payment_at = body.payment_at
    state.placed_at_ms = step.order[0]
    state.placed_channel = step.event.interaction.channel
    state.cart_id, state.checkout_id = body.cart_id, body.checkout_id
    state.conversation_id = body.conversation_id
    state.offer_ids.extend(body.offer_ids)


def _publish_lines(goods: Goods, state: OrderState) -> None:
    """By line key; several lines of one key are one."""
    assert goods.placed is not None
    ordered = _quantities(goods.placed.body.lines)
    told = {key_of_line(line): line for line in reversed(goods.placed.body.lines)}
    for line_key in sorted(ordered)[: thresholds.ORDER_LINES_MOST]:
        line, standing = told[line_key], goods.units[line_key]
        published = state.lines.add(
            line_key=line_key,
            product=line.product,
            unit=line.unit or PIECE,
            options=options_of_line(line),
            ordered=ordered[line_key],
        )
        if line.HasField("unit_price"):
            published.unit_price.CopyFrom(line.unit_price)
        published.quantities.extend(_standing(standing))
    state.more = len(ordered) > thresholds.ORDER_LINES_MOST


def _standing(standing: Mapping[OrderStatus, int]) -> Iterator[OrderQuantity]:
    for status, quantity in sorted(standing.items()):
        if quantity > 0:
            yield OrderQuantity(status=status, quantity=quantity)


def _publish_moves(goods: Goods, state: OrderState) -> None:
    most = thresholds.ENTRIES_MOST
    for step, move in goods.moves[-most:]:
        published = state.moves.add(
            line_key=move.line_key,
            from_status=move.source,
            to_status=move.target,
            quantity=move.quantity,
            channel=step.event.interaction.channel,
            actor=step.event.actor,
            actor_place=step.event.interaction.actor_place,
            at_ms=step.order[0],
            return_id=getattr(step.body, "return_id", ""),
        )
        store = store_of(step)
        if store is not None:
            published.store.CopyFrom(store)
    cut = keep_newest(state.moves, lambda index: index, most, thresholds.MOVES_BYTES)
    state.more = state.more or cut or len(goods.moves) > most


def store_of(step: Step) -> Any | None:
    """The store that a body names, or else the place of contact."""
    interaction: Interaction = step.event.interaction
    for holder in (step.body, interaction.touchpoint):
        if "store" in holder.DESCRIPTOR.fields_by_name and holder.HasField("store"):
            return holder.store
    return None


def _tell(state: OrderState, step: Step) -> None:
    """What single facts tell beside the moves."""
    match step.name:
        case "order_paid":
            _add_money(state.totals.paid, step.body.amount)
        case "order_refunded":
            _add_money(state.totals.refunded, step.body.amount)
        case "pickup_updated":
            state.pickup_until_ms = step.body.expires_at_ms or state.pickup_until_ms
        case "delivery_updated":
            state.carrier = step.body.carrier or state.carrier
            state.tracking_ref = step.body.tracking_ref or state.tracking_ref


def _add_money(sums: Repeated[Money], amount: Money) -> None:
    """Add to the sum of its currency; sums stand by currency."""
    total = entry(sums, Money, "currency", amount.currency)
    nanos = (total.units + amount.units) * NANOS + total.nanos + amount.nanos
    sign = -1 if nanos < 0 else 1
    units, rest = divmod(abs(nanos), NANOS)
    total.units, total.nanos = sign * min(units, GREATEST_INT64), sign * rest


ORDER = JourneyKind(
    name="order",
    folds=dict.fromkeys(BODIES, stepped),
    merge=join_steps,
    publish=publish,
    listed=lambda journey: bool(journey.order.lines),
    archive_after_ms=lambda _: thresholds.ARCHIVE_AFTER_MS,
    rule=MachineRule(judged=BODIES, forbidden=forbidden, ended=ended),
)
