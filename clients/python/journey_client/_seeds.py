"""Fold states that publish what a server's copy shows, for own interactions to be folded on top.

A copy holds published states, not fold states. A seed is a fold state of one pretended event each
that was in view, so that an own removal removes it and an own value takes its place. It need not
publish every field exactly: of what is folded on top only the difference is shown (`_optimism`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from google.protobuf.message import Message

from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import (
    CartCheckoutFold,
    CartCouponFold,
    CartLineFold,
    JourneyFold,
    ListItemFold,
    MediaRun,
    Write,
)
from journey.v1.interactions_pb2 import RunOpener
from journey.v1.journeys_pb2 import CartLineState, CartStatus, Journey, ListItemState
from projections.fold import include_text

# Pretended events: of no subject, version 1, older than anything that a device records.
SEED_SUBJECT, SEED_VERSION, LONG_AGO_MS = "", 1, 1
_SEEKED = RunOpener.RUN_OPENER_SEEK
Seed = Callable[[JourneyFold, Journey, Iterable[Event]], None]


def seed_of(journey: Journey, events: Iterable[Event]) -> JourneyFold | None:
    """The fold state behind a published one, for these own events; None: the kind has none."""
    kind = journey.WhichOneof("state") or ""
    seed = SEEDS.get(kind)
    if seed is None:
        return None
    fold = begin(journey)
    seed(fold, journey, events)
    return fold


def begin(journey: Journey) -> JourneyFold:
    """What all kinds share: last intent, hiding, time of the newest event."""
    active = journey.activity
    fold = JourneyFold(ref=journey.ref, updated=_write(journey.updated_at_ms))
    if journey.HasField("activity"):
        fold.last_intent.CopyFrom(
            _write(
                active.t_ms,
                counter=active.counter,
                installation_id=active.installation_id,
                seq=active.seq,
                number=journey.last_channel,
                text=journey.last_channel_label,
                rank=1,
            )
        )
    kind = journey.WhichOneof("state") or ""
    if kind in fold.DESCRIPTOR.fields_by_name:
        getattr(fold, kind).SetInParent()
    if journey.hidden:
        fold.hidden.CopyFrom(_write(active.t_ms, counter=active.counter + 1))
    return fold


# --- media: own reports are placed by when they occurred -----------------------------------------


def _media(fold: JourneyFold, journey: Journey, events: Iterable[Event]) -> None:
    media, state = fold.media, journey.media
    _media_facts(fold, journey)
    if state.finished:
        media.finished_marks.append(_write(state.finished_at_ms))
    if not state.as_of_ms:
        return
    began_ms = min(state.as_of_ms, state.finished_at_ms or state.as_of_ms) - 1
    start_ms, opened_by = _opening(state.run_id, events) or (state.point_ms, _SEEKED)
    who = state.installation_id
    run = MediaRun(
        run_id=state.run_id,
        first=_write(began_ms, number=start_ms, aside=opened_by, installation_id=who),
        top=_write(state.as_of_ms, number=state.point_ms, aside=state.speed, installation_id=who),
    )
    if not state.speed:
        run.close.CopyFrom(_write(state.as_of_ms, number=state.point_ms, installation_id=who))
    media.runs.append(run)


def _media_facts(fold: JourneyFold, journey: Journey) -> None:
    media, state = fold.media, journey.media
    for register, number in (
        (media.duration, state.duration_ms),
        (media.credits, state.credits_at_ms),
        (media.format, state.format),
    ):
        if number:
            register.CopyFrom(_write(number=number))
    for named, text in ((media.group, state.group_id), (media.series, state.series_id)):
        if text:
            named.CopyFrom(_write(text=text))
    if state.HasField("tracks"):
        media.tracks.CopyFrom(_write(message=state.tracks))


def _opening(run_id: str, events: Iterable[Event]) -> tuple[int, int] | None:
    """Where and how a run began, if own reports belong to it."""
    for event in events:
        body = getattr(event.interaction, event.interaction.WhichOneof("body") or "", None)
        if run_id and getattr(body, "run_id", "") == run_id and body is not None:
            return body.run_start_ms, body.opened_by
    return None


# --- cart and list: own changes lie on top -------------------------------------------------------


def _cart(fold: JourneyFold, journey: Journey, _: Iterable[Event]) -> None:
    cart, state = fold.cart, journey.cart
    cart.lines.extend(_cart_line(line) for line in state.lines)
    for coupon in state.coupons:
        cart.coupons.append(CartCouponFold(code=coupon.code, standing=_write(message=coupon)))
    if state.HasField("fulfilment"):
        cart.fulfilment.CopyFrom(_write(message=state.fulfilment))
    if state.note:
        cart.note.CopyFrom(_write(text=state.note))
    if state.status == CartStatus.CART_STATUS_FROZEN:
        cart.checkouts.append(CartCheckoutFold(checkout_id="~", submitted=1))
    for number in range(state.generation):
        include_text(cart.order_ids, f"~{number:09}")


def _cart_line(line: CartLineState) -> CartLineFold:
    told = CartLineState(product=line.product, unit=line.unit)
    fold = CartLineFold(line_key=line.line_key, product=_write(message=told))
    fold.quantity.sets.append(_write(number=line.wanted))
    if line.options:
        fold.options.CopyFrom(_write(message=CartLineState(options=line.options)))
    if line.HasField("unit_price"):
        fold.unit_price.CopyFrom(_write(message=line.unit_price))
    if line.HasField("added_from"):
        fold.added_from.CopyFrom(_write(message=line.added_from))
    if line.capped:
        fold.limit.CopyFrom(_write(number=line.quantity))
    return fold


def _list(fold: JourneyFold, journey: Journey, _: Iterable[Event]) -> None:
    for item in journey.list.items:
        content = ListItemState()
        content.CopyFrom(item)
        for name in ("item_key", "added_at_ms", "note", "order_key"):
            content.ClearField(name)
        told = ListItemState(note=item.note, order_key=item.order_key)
        made = ListItemFold(item_key=item.item_key, told=_write(message=told))
        made.adds.tags.append(_write(item.added_at_ms, message=content))
        fold.list.items.append(made)


def _write(
    t_ms: int = LONG_AGO_MS,
    *,
    counter: int = 0,
    installation_id: str = "",
    seq: int = 0,
    number: int = 0,
    aside: int = 0,
    text: str = "",
    rank: int = 0,
    message: Message | None = None,
) -> Write:
    """What a pretended event wrote."""
    return Write(
        t_ms=t_ms,
        counter=counter,
        installation_id=installation_id,
        seq=seq,
        subject_id=SEED_SUBJECT,
        version=SEED_VERSION,
        number=number,
        aside=aside,
        text=text,
        rank=rank,
        message=b"" if message is None else message.SerializeToString(deterministic=True),
    )


SEEDS: Mapping[str, Seed] = {"media": _media, "cart": _cart, "list": _list}
