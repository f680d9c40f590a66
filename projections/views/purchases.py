"""What a customer bought on whatever channel, one state for each order.

Product, quantity, price, place, clerk, device, and what came back where.

Where the units of an order stand is decided by the same transitions as in its journey, so the two
never disagree; the view adds who did it where, and tells each line and each return as one thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from journey.v1.events_pb2 import ActorKind, Event
from journey.v1.interactions_pb2 import Channel, Interaction, Ownership
from journey.v1.journeys_pb2 import OrderLineState, OrderState, OrderStatus
from journey.v1.view_folds_pb2 import PurchaseFold
from journey.v1.views_pb2 import (
    PurchaseLineState,
    PurchasePlace,
    PurchaseReturnLine,
    PurchaseReturnState,
    PurchaseState,
    PurchaseStatus,
)
from projections import thresholds
from projections.fold import entry, record_transition
from projections.journeys.order import BODIES, Goods, Move, publish_order, store_of
from projections.machines import Step, join_steps
from projections.one_journey import CHANNELS
from projections.projection import Act, serialized
from projections.published import keep_newest
from projections.reactions import Reactions, own_journey
from projections.view import DEVICES, StoredView

OWNERSHIPS = frozenset(Ownership.values())
EXTERNAL_CHANNELS = frozenset(
    {Channel.CHANNEL_MARKETPLACE, Channel.CHANNEL_SOCIAL, Channel.CHANNEL_ADS}
)
RECEIVED = frozenset(
    {
        OrderStatus.ORDER_STATUS_PICKED_UP,
        OrderStatus.ORDER_STATUS_DELIVERED,
        OrderStatus.ORDER_STATUS_RETURN_REQUESTED,
    }
)
CANCELLED = frozenset({OrderStatus.ORDER_STATUS_CANCELLED})
RETURNED = frozenset({OrderStatus.ORDER_STATUS_RETURNED, OrderStatus.ORDER_STATUS_REFUNDED})
# Field of PurchaseReturnState that says where it happened, and of its lines how many it were.
STAGES: Mapping[int, tuple[str, str]] = {
    OrderStatus.ORDER_STATUS_RETURN_REQUESTED: ("requested", "requested"),
    OrderStatus.ORDER_STATUS_RETURNED: ("received", "returned"),
    OrderStatus.ORDER_STATUS_REFUNDED: ("refunded", "refunded"),
}
SECRETS = {"order_placed": "claim_secret"} | dict.fromkeys(
    ("pickup_updated", "pickup_collected"), "collect_code"
)


# --- fold ----------------------------------------------------------------------------------------


def stepped(purchase: PurchaseFold, act: Act) -> None:
    """Keep an accepted transition of the order. One without a place in the server's order counts
    for nothing."""
    place = act.event.machine
    if place.rev:
        write = act.write(message=serialized(_said(act)))
        record_transition(purchase.machine, place.home, place.rev, write)


def _said(act: Act) -> Event:
    """The part of an event that a purchase needs: no secrets, nothing of clocks and traces."""
    given = act.event.interaction
    told = Interaction(
        channel=given.channel,
        channel_label=given.channel_label,
        actor_place=given.actor_place,
        actor_ref=given.actor_ref,
        device_id=given.device_id,
    )
    if given.HasField("external_ref"):
        told.external_ref.CopyFrom(given.external_ref)
    if given.HasField("touchpoint"):
        told.touchpoint.CopyFrom(given.touchpoint)
        told.touchpoint.ClearField("referrer_url")
    body = getattr(told, act.name)
    body.CopyFrom(act.body)
    if act.name in SECRETS:
        body.ClearField(SECRETS[act.name])
    return Event(actor=act.event.actor, interaction=told)


def _begin(order_id: str) -> PurchaseFold:
    return PurchaseFold(order_id=order_id)


# --- published state -----------------------------------------------------------------------------


def published(purchase: PurchaseFold) -> PurchaseState:
    """The purchase as readers get it."""
    order = OrderState()
    goods = publish_order(purchase.machine, order)
    state = PurchaseState(
        order_id=purchase.order_id,
        lines=[_line(line) for line in order.lines],
        totals=order.totals,
        fulfilment=order.fulfilment if order.HasField("fulfilment") else None,
        payment_at=order.payment_at,
        checkout_id=order.checkout_id,
        conversation_id=order.conversation_id,
        offer_ids=order.offer_ids,
        updated_at_ms=_updated_at_ms(purchase),
    )
    state.status = _status(
        sum(line.ordered for line in state.lines),
        sum(line.received for line in state.lines),
        sum(line.cancelled for line in state.lines),
        sum(line.returned for line in state.lines),
    )
    if goods.placed is not None:
        _publish_placed(goods.placed, state)
    state.more = _publish_returns(goods, state) or len(order.lines) < len(goods.units)
    return state


def _updated_at_ms(purchase: PurchaseFold) -> int:
    return max((each.write.t_ms for each in purchase.machine.transitions), default=0)


def _line(line: OrderLineState) -> PurchaseLineState:
    received, cancelled, returned = (_count(line, of) for of in (RECEIVED, CANCELLED, RETURNED))
    return PurchaseLineState(
        line_key=line.line_key,
        product=line.product,
        unit=line.unit,
        unit_price=line.unit_price if line.HasField("unit_price") else None,
        options=line.options,
        ordered=line.ordered,
        received=received,
        cancelled=cancelled,
        returned=returned,
        kept=line.ordered - cancelled - returned,
        status=_status(line.ordered, received, cancelled, returned),
    )


def _count(line: OrderLineState, statuses: frozenset[OrderStatus]) -> int:
    return sum(each.quantity for each in line.quantities if each.status in statuses)


def _status(ordered: int, received: int, cancelled: int, returned: int) -> PurchaseStatus:
    if not ordered:
        return PurchaseStatus.PURCHASE_STATUS_UNSPECIFIED
    if cancelled == ordered:
        return PurchaseStatus.PURCHASE_STATUS_CANCELLED
    if returned and cancelled + returned == ordered:
        return PurchaseStatus.PURCHASE_STATUS_RETURNED
    if returned:
        return PurchaseStatus.PURCHASE_STATUS_PARTLY_RETURNED
    if received + cancelled < ordered:
        return PurchaseStatus.PURCHASE_STATUS_OPEN
    if cancelled:
        return PurchaseStatus.PURCHASE_STATUS_PARTLY_CANCELLED
    return PurchaseStatus.PURCHASE_STATUS_RECEIVED


def _publish_placed(step: Step, state: PurchaseState) -> None:
    interaction = step.event.interaction
    state.placed.CopyFrom(_place(step))
    state.ownership = ownership_of(interaction)
    state.campaign_id = interaction.touchpoint.campaign_id
    if interaction.HasField("external_ref"):
        state.external_ref.CopyFrom(interaction.external_ref)


def ownership_of(interaction: Interaction) -> Ownership:
    """Who owns the place of contact: as told, else by channel."""
    told = interaction.touchpoint.ownership
    if told and told in OWNERSHIPS:
        return told
    external = interaction.channel in EXTERNAL_CHANNELS
    return Ownership.OWNERSHIP_EXTERNAL if external else Ownership.OWNERSHIP_INTERNAL


def _place(step: Step) -> PurchasePlace:
    """Where, when and by whom a step was done."""
    interaction = step.event.interaction
    return PurchasePlace(
        at_ms=step.order[0],
        channel=interaction.channel if interaction.channel in CHANNELS else None,
        channel_label=interaction.channel_label,
        store=store_of(step),
        actor=step.event.actor,
        actor_place=interaction.actor_place,
        actor_ref=interaction.actor_ref,
        device_id=interaction.device_id or step.order[2],
    )


# --- published returns ---------------------------------------------------------------------------


def _publish_returns(goods: Goods, state: PurchaseState) -> bool:
    """In the order in which they began; returns whether any was cut."""
    found: dict[str, PurchaseReturnState] = {}
    for step, move in goods.moves:
        if move.target in STAGES:
            return_id = step.body.return_id
            told = found.setdefault(return_id, PurchaseReturnState(return_id=return_id))
            _tell_return(told, step, move)
    state.returns.extend(found.values())
    return keep_newest(
        state.returns, lambda index: index, thresholds.RETURNS_MOST, thresholds.MOVES_BYTES
    )


def _tell_return(told: PurchaseReturnState, step: Step, move: Move) -> None:
    stage, counted = STAGES[move.target]
    line = entry(told.lines, PurchaseReturnLine, "line_key", move.line_key)
    setattr(line, counted, getattr(line, counted) + move.quantity)
    if told.HasField(cast("Any", stage)):
        return
    getattr(told, stage).CopyFrom(_place(step))
    match stage:
        case "requested":
            told.method, told.reason = step.body.method, step.body.reason
        case "received":
            told.condition = step.body.condition


# --- how purchases are found ---------------------------------------------------------------------


def _stores(state: PurchaseState) -> Iterator[str]:
    """Where it was placed, is collected, or came back."""
    places = [state.placed, *(each.received for each in state.returns)]
    stores = [*(place.store for place in places), state.fulfilment.store]
    return (store.store_id for store in stores if store.store_id)


def _clerks(state: PurchaseState) -> Iterable[str]:
    actor = state.placed.actor
    return (actor.id,) if actor.kind == ActorKind.ACTOR_KIND_STAFF and actor.id else ()


def channel_name(channel: Channel) -> str:
    """A channel as index fields name it, such as mobile_app."""
    return Channel.Name(channel).removeprefix("CHANNEL_").lower()


def _status_name(state: PurchaseState) -> str:
    return PurchaseStatus.Name(state.status).removeprefix("PURCHASE_STATUS_").lower()


PURCHASES = StoredView(
    Reactions(
        "purchases",
        version=1,
        begin=_begin,
        folds=dict.fromkeys(BODIES, stepped),
        keys=own_journey("order"),
        join=join_steps,
    ),
    "What a customer bought, order by order: lines, place, clerk, device, what came back where.",
    publish=published,
    index={
        "order": lambda shown: (shown.order_id,),
        "sku": lambda shown: (line.product.sku for line in shown.lines if line.product.sku),
        "store": _stores,
        "clerk": _clerks,
        "channel": lambda shown: (channel_name(shown.placed.channel),),
        "status": lambda shown: (_status_name(shown),),
        "conversation": lambda shown: (shown.conversation_id,) if shown.conversation_id else (),
    },
    read_roles=DEVICES,
    updated_at_ms=_updated_at_ms,
)
