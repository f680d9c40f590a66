"""Orders, collecting, returns, promotions: one order and one balance, whoever reports."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from typing import Any

import pytest

from journey.v1.errors_pb2 import ErrorReason
from journey.v1.events_pb2 import OUTCOME_ACCEPTED
from journey.v1.interactions_pb2 import (
    CHANNEL_API,
    CHANNEL_MOBILE_APP,
    CHANNEL_STORE,
    FULFILMENT_METHOD_DELIVERY,
    FULFILMENT_METHOD_PICKUP,
    CheckoutStarted,
    CheckoutSubmitted,
    ConversationMessageAdded,
    ConversationStarted,
    DeliveryUpdated,
    FittingTried,
    Fulfilment,
    FulfilmentMethod,
    InputSaved,
    InputValue,
    Interaction,
    Line,
    Money,
    OfferGranted,
    OfferRedeemed,
    OrderPlaced,
    OrderRefunded,
    PickupCollected,
    PickupUpdated,
    PointsPosted,
    Product,
    ReturnReceived,
    ReturnRequested,
    StepEntered,
    Store,
)
from journey.v1.journey_service_pb2 import JourneyView
from journey.v1.journeys_pb2 import OrderState, OrderStatus
from journey.v1.views_pb2 import AgentConversationState, PurchaseState, SuppressionState
from journey_client import JourneyKey, Recorded
from journey_client.errors import JourneyNotFound
from journey_service.domain.identity import subject_id_of_account
from tests.projections.acts import interaction
from tests.scenarios.views import view_of
from tests.stage import DAY_MS, Stage, seen_on
from tests.transport.serving import IDENTITY_KEY

_ALL = JourneyView.JOURNEY_VIEW_ALL
AMS_2, DEN_1, RTM_2, UTR_1 = (Store(store_id=each) for each in ("AMS-2", "DEN-1", "RTM-2", "UTR-1"))


def account(name: str) -> str:
    """The subject of an account."""
    return subject_id_of_account(IDENTITY_KEY, name)


def euros(cents: int) -> Money:
    """An amount."""
    return Money(currency="EUR", units=cents // 100, nanos=cents % 100 * 10_000_000)


def line(sku: str, quantity: int = 1) -> Line:
    """A line of an order."""
    return Line(line_key=sku, product=Product(sku=sku), quantity=quantity)


def ordered(*lines: Line, method: FulfilmentMethod, store: Store | None = None, **more: Any) -> Any:
    """The shop took an order of so much."""
    total = euros(sum(each.unit_price.units * 100 * each.quantity for each in lines) or 1000)
    return OrderPlaced(
        lines=lines,
        total=more.pop("total", total),
        fulfilment=Fulfilment(
            method=method, store=store if method == FULFILMENT_METHOD_PICKUP else None
        ),
        store=None if method == FULFILMENT_METHOD_PICKUP else store,
        payment_at=more.pop("payment_at", OrderPlaced.PAYMENT_PLACE_ONLINE),
        **more,
    )


def standing(order: OrderState) -> dict[str, dict[str, int]]:
    """How many of each line stand where."""
    return {
        each.line_key: {
            OrderStatus.Name(found.status).removeprefix("ORDER_STATUS_").lower(): found.quantity
            for found in each.quantities
        }
        for each in order.lines
    }


def ways(order: OrderState) -> list[str]:
    """Where the units of an order came to, in order."""
    return [
        OrderStatus.Name(move.to_status).removeprefix("ORDER_STATUS_").lower()
        for move in order.moves
    ]


async def refused(of: Awaitable[Recorded]) -> str:
    """The reason why a fact was refused; empty: it was accepted."""
    result = (await of).results[0]
    return ErrorReason.Name(result.reason).removeprefix("ERROR_REASON_") if result.reason else ""


async def test_scenario_A2_what_a_visitor_began_is_bought_on_three_devices(stage: Stage) -> None:
    # As told, but for the code: sam signs in on the phone where the visit goes on.
    phone, shop = await stage.visitor("I1"), await stage.back_end("shop")
    await phone.add("B1", 1)
    laptop = await stage.device("I2", subject="sam", kept=phone.kept_by_visitor)
    await laptop.play("film", "1:00")
    await laptop.set("B1", 2)
    shown = (await laptop.sees("cart")).cart.digest
    k1 = "checkout/k1"
    await laptop.act(interaction(k1, CheckoutStarted(cart_id="main", cart_digest=shown)))
    typed = {"street": InputValue(text="Laan 1"), "postcode": InputValue(text="1234AB")}
    await laptop.act(interaction(k1, InputSaved(attempt=1, fields=typed)))
    await laptop.act(interaction(k1, StepEntered(step="payment", step_no=3)))
    tablet = await stage.device("I3", subject="sam")
    devices = [phone, laptop, tablet]
    assert [await each.cart() for each in devices] == [{"B1": 2}] * 3
    assert (await tablet.can_go_on_with())[0] == "k1"
    going_on = await tablet.sees("checkout", "k1")
    assert going_on.SerializeToString(deterministic=True) == (
        await laptop.sees("checkout", "k1")
    ).SerializeToString(deterministic=True)
    assert going_on.checkout.step == "payment"

    submitted = interaction(k1, CheckoutSubmitted(attempt=1, cart_digest=shown))
    submitted.expected_rev = going_on.rev
    await tablet.act(submitted)
    assert (await tablet.session.record(submitted)).results[0].duplicate
    order = ordered(
        line("B1", 2),
        method=FULFILMENT_METHOD_DELIVERY,
        cart_id="main",
        checkout_id="k1",
        attempt=1,
    )
    await stage.fact(shop, account("sam"), interaction("order/5001", order))
    assert (await tablet.sees("checkout", "k1")).finished
    assert [await each.cart() for each in devices] == [{}] * 3
    assert standing((await laptop.sees("order", "5001")).order) == {"B1": {"ordered": 2}}
    assert "k1" not in await tablet.can_go_on_with()
    # The phone is not signed in: it has a part in the cart, and in nothing else of sam's.
    assert [each.ref.kind async for each in phone.session.journeys(_ALL)] == ["cart"]
    with pytest.raises(JourneyNotFound):
        await phone.sees("order", "5001")
    customer = laptop.session.opened.customer_id
    assert customer == account("sam") != phone.session.subject_id


async def test_scenario_A5_an_order_is_collected_with_its_code_and_once(stage: Stage) -> None:
    phone, shop = await stage.device("phone", subject="olga"), await stage.back_end("shop")
    on_phone, olga = phone.session.watch(), account("olga")
    order, key = "order/2002", JourneyKey("order", "2002")
    book = line("BOOK")

    def pickup(status: PickupUpdated.Status, **more: Any) -> Interaction:
        return interaction(order, PickupUpdated(store=AMS_2, lines=[book], status=status, **more))

    def collected(code: str) -> Interaction:
        return interaction(order, PickupCollected(store=AMS_2, lines=[book], collect_code=code))

    placed = ordered(book, method=FULFILMENT_METHOD_PICKUP, store=AMS_2)
    await stage.fact(shop, olga, interaction(order, placed), at="12:30")
    await stage.fact(shop, olga, pickup(PickupUpdated.STATUS_RESERVED), at="13:00")
    await seen_on(on_phone, key, lambda found: "reserved" in ways(found.order))
    ready = pickup(
        PickupUpdated.STATUS_READY,
        collect_code="4711XY",
        expires_at_ms=stage.clock.time_ms + 7 * DAY_MS,
    )
    await stage.fact(shop, olga, ready, at="14:00")
    await seen_on(on_phone, key, lambda found: "ready_for_pickup" in ways(found.order))

    assert await refused(stage.tell(shop, olga, collected("0000AA"), at="17:20")) == (
        "COLLECT_CODE_WRONG"
    )
    assert not await refused(stage.tell(shop, olga, collected("4711XY")))
    assert await refused(stage.tell(shop, olga, collected("4711XY"))) == "STATE_CONFLICT"
    found = await seen_on(on_phone, key, lambda found: "picked_up" in ways(found.order))
    assert ways(found.order) == ["ordered", "reserved", "ready_for_pickup", "picked_up"]
    assert standing(found.order) == {"BOOK": {"picked_up": 1}}
    assert found.finished


async def test_scenario_A6_ordered_in_one_store_delivered_home_and_returned_in_another(
    stage: Stage,
) -> None:
    lotte, shop = account("lotte"), await stage.back_end("shop")
    app = await stage.device("app", subject="lotte")
    clerk = await stage.clerk("emp-1", lotte)
    order = "order/3003"
    tried = FittingTried(
        product=Product(sku="J5"), size="L", store=DEN_1, outcome=FittingTried.OUTCOME_KEEPS
    )
    await clerk.act(Interaction(fitting_tried=tried))
    jacket, scarf = line("J5"), line("S2")
    placed = ordered(
        jacket,
        scarf,
        method=FULFILMENT_METHOD_DELIVERY,
        store=DEN_1,
        payment_at=OrderPlaced.PAYMENT_PLACE_STORE,
        total=euros(9_990),
    )
    await clerk.act(interaction(order, placed))
    for status in (DeliveryUpdated.STATUS_SHIPPED, DeliveryUpdated.STATUS_DELIVERED):
        delivery = DeliveryUpdated(lines=[jacket, scarf], status=status, carrier="post")
        await stage.fact(shop, lotte, interaction(order, delivery))
    asked = interaction(
        order,
        ReturnRequested(
            return_id="r1", lines=[scarf], method=ReturnRequested.METHOD_STORE, reason="size"
        ),
    )
    asked.expected_rev = (await app.sees("order", "3003")).rev
    await app.act(asked)
    till = await stage.clerk("emp-2", lotte, device="till-RTM")
    back = ReturnReceived(
        return_id="r1", lines=[scarf], store=RTM_2, condition=ReturnReceived.CONDITION_SELLABLE
    )
    await till.act(interaction(order, back))
    money = OrderRefunded(
        return_id="r1", lines=[scarf], amount=euros(1_995), payment_ref="refund-1"
    )
    await till.act(interaction(order, money))

    at_home, in_store = await app.sees("order", "3003"), await till.sees("order", "3003")
    assert at_home == in_store
    assert at_home.SerializeToString(deterministic=True) == in_store.SerializeToString(
        deterministic=True
    )
    assert standing(at_home.order) == {"J5": {"delivered": 1}, "S2": {"refunded": 1}}
    steps = [move.channel for move in at_home.order.moves if move.line_key == "S2"]
    assert list(dict.fromkeys(steps)) == [CHANNEL_STORE, CHANNEL_API, CHANNEL_MOBILE_APP]
    stores = {move.store.store_id for move in at_home.order.moves if move.store.store_id}
    assert stores == {"DEN-1", "RTM-2"}

    purchase = await view_of(stage, PurchaseState, "purchases", f"{lotte}/3003")
    assert purchase.placed.actor.id == "emp-1"
    came_back = purchase.returns[0]
    assert came_back.requested.channel == CHANNEL_MOBILE_APP
    assert (came_back.received.store, came_back.received.actor.id) == (RTM_2, "emp-2")
    assert {each.line_key: each.kept for each in purchase.lines} == {"J5": 1, "S2": 0}
    suppressed = await view_of(stage, SuppressionState, "suppression", lotte)
    assert [each.sku for each in suppressed.products] == ["J5"]
    assert [each.sku for each in suppressed.released] == ["S2"]


async def test_scenario_A7_a_promotion_is_known_everywhere_and_used_once(stage: Stage) -> None:
    piet, shop = account("piet"), await stage.back_end("web-shop")
    app = await stage.device("app", subject="piet")
    till = await stage.back_end("till")

    def granted(offer: str) -> Interaction:
        body = OfferGranted(
            offer_id=offer,
            title="10 % off books",
            share_ppm=100_000,
            valid_from_ms=stage.clock.time_ms - DAY_MS,
            valid_until_ms=stage.clock.time_ms + DAY_MS,
            uses=1,
        )
        return interaction("rewards/main", body)

    def redeemed(offer: str, order: str) -> Interaction:
        body = OfferRedeemed(offer_id=offer, order_id=order, store=UTR_1)
        return interaction("rewards/main", body)

    await stage.fact(shop, piet, granted("BOOK10"))
    at_till = await till.customer(piet).journey("rewards")
    assert [offer.offer_id for offer in at_till.rewards.offers] == ["BOOK10"]
    assert not await refused(stage.tell(till, piet, redeemed("BOOK10", "4004")))
    assert await refused(stage.tell(shop, piet, redeemed("BOOK10", "4005"))) == "OFFER_SPENT"

    await stage.fact(shop, piet, granted("BOOK11"))
    many = [till.record(piet, [redeemed("BOOK11", str(5_000 + n))]) for n in range(50)]
    answers = [each.results[0] for each in await asyncio.gather(*many)]
    outcomes = Counter(answer.outcome for answer in answers)
    assert outcomes[OUTCOME_ACCEPTED] == 1
    assert Counter(ErrorReason.Name(answer.reason) for answer in answers if answer.reason) == {
        "ERROR_REASON_OFFER_SPENT": 49
    }

    for _ in range(3):
        posted = PointsPosted(entry_id="e-1", points=50, reason=PointsPosted.REASON_EARNED)
        await stage.fact(shop, piet, interaction("rewards/main", posted))
    views = [
        await app.sees("rewards"),
        await shop.customer(piet).journey("rewards"),
        await till.customer(piet).journey("rewards"),
    ]
    assert {view.rewards.balance for view in views} == {50}
    assert len({view.SerializeToString(deterministic=True) for view in views}) == 1


async def test_check_B5_an_order_placed_in_a_chat_is_one_order_and_named_in_the_chat(
    stage: Stage,
) -> None:
    kim, shop = account("kim"), await stage.back_end("whatsapp-adapter")
    app = await stage.device("app", subject="kim")
    started = interaction("conversation/cv-5", ConversationStarted(topic="A lamp"))
    await stage.fact(shop, kim, started)
    placed = ordered(line("LAMP"), method=FULFILMENT_METHOD_DELIVERY, conversation_id="cv-5")
    await stage.fact(shop, kim, interaction("order/5005", placed))
    told = ConversationMessageAdded(
        message_id="m-1",
        direction=ConversationMessageAdded.DIRECTION_OUT,
        text="Your lamp is ordered.",
        order_id="5005",
    )
    await stage.fact(shop, kim, interaction("conversation/cv-5", told))

    chat, order = await app.sees("conversation", "cv-5"), await app.sees("order", "5005")
    assert list(chat.conversation.order_ids) == ["5005"]
    assert order.order.conversation_id == "cv-5"
    assert len(await app.events("order.placed")) == 1
    purchase = await view_of(stage, PurchaseState, "purchases", f"{kim}/5005")
    assert purchase.conversation_id == "cv-5"
    screen = await view_of(stage, AgentConversationState, "conversations", f"{kim}/cv-5")
    assert [each.journey_id for each in screen.journeys] == ["5005"]
