"""What the shop knows of a customer across channels: purchases, what not to advertise, contacts."""

from __future__ import annotations

from journey.v1.interactions_pb2 import (
    CHANNEL_EMAIL,
    CHANNEL_LIVE_CHAT,
    CHANNEL_STORE,
    FULFILMENT_METHOD_CARRY_OUT,
    FULFILMENT_METHOD_DELIVERY,
    ConversationMessageAdded,
    ConversationStarted,
    ConversationStatusSet,
    DeliveryUpdated,
    Interaction,
    MessageOutcomeReported,
    MessageSent,
    OfferGranted,
    OrderPaid,
    OrderPlaced,
    PreferenceSet,
    Product,
    ProductViewed,
    ReturnReceived,
    StockEnquired,
    StoreVisited,
)
from journey.v1.references_pb2 import JourneyRef
from journey.v1.views_pb2 import (
    AgentConversationState,
    ContactStatus,
    LedgerState,
    ProfileState,
    PurchaseState,
    PurchaseStatus,
    SuppressionReason,
    SuppressionState,
)
from journey_client import interactions
from tests.projections.acts import interaction
from tests.scenarios.test_buying import RTM_2, UTR_1, account, euros, line, ordered
from tests.scenarios.views import listed, view_of
from tests.stage import DAY_MS, Stage


async def test_what_a_clerk_orders_for_a_customer_is_in_the_purchases_and_not_advertised(
    stage: Stage,
) -> None:
    anna, shop = account("anna"), await stage.back_end("shop")
    clerk = await stage.clerk("emp-9", anna)
    product = Product(sku="BOOK", gtin="9789000000005", category="books")
    missing = StockEnquired(
        product=product,
        store=UTR_1,
        result=StockEnquired.RESULT_OUT_OF_STOCK,
        alternative=StockEnquired.ALTERNATIVE_ONLINE,
    )
    await clerk.act(Interaction(stock_enquired=missing))
    book = line("BOOK")
    book.product.CopyFrom(product)
    placed = ordered(
        book,
        method=FULFILMENT_METHOD_DELIVERY,
        store=UTR_1,
        payment_at=OrderPlaced.PAYMENT_PLACE_STORE,
        total=euros(2_499),
    )
    await clerk.act(interaction("order/1001", placed), at="16:00")
    paid = OrderPaid(payment_ref="p-1", amount=euros(2_499), method="card")
    await clerk.act(interaction("order/1001", paid))
    stage.clock.pass_by(DAY_MS)
    delivered = DeliveryUpdated(lines=[book], status=DeliveryUpdated.STATUS_DELIVERED)
    await stage.fact(shop, anna, interaction("order/1001", delivered))

    by_shop = await view_of(stage, PurchaseState, "purchases", f"{anna}/1001")
    by_anna = await view_of(
        stage, PurchaseState, "purchases", f"{anna}/1001", role="device", name="anna"
    )
    assert by_shop == by_anna
    assert by_anna.placed.actor.id == "emp-9"
    assert (by_anna.placed.channel, by_anna.placed.store) == (CHANNEL_STORE, UTR_1)
    assert by_anna.totals.ordered == euros(2_499)
    assert by_anna.status == PurchaseStatus.PURCHASE_STATUS_RECEIVED
    assert await listed(stage, PurchaseState, "purchases", f"{anna}/") == [by_shop]
    assert await listed(stage, PurchaseState, "purchases", sku="BOOK", clerk="emp-9") == [by_shop]
    assert await listed(stage, PurchaseState, "purchases", sku="BOOK", store="RTM-2") == []

    suppressed = await view_of(stage, SuppressionState, "suppression", anna)
    assert [each.sku for each in suppressed.products] == ["BOOK"]
    assert [each.category for each in suppressed.categories] == ["books"]
    assert await listed(stage, SuppressionState, "suppression", sku="BOOK") == [suppressed]


async def test_what_was_bought_in_a_store_is_not_advertised_until_it_comes_back(
    stage: Stage,
) -> None:
    kees, till = account("kees"), await stage.back_end("till")
    phone = await stage.device("phone", subject="kees")
    for _ in range(3):
        viewed = ProductViewed(product=interactions.product("TV-55", category="tv"))
        await phone.act(interaction("browse/main", viewed))
        stage.clock.pass_by(DAY_MS)
        await phone.session.reopen()
    assert await listed(stage, SuppressionState, "suppression", sku="TV-55") == []

    television = line("TV-55")
    placed = ordered(television, method=FULFILMENT_METHOD_CARRY_OUT, store=UTR_1)
    placed.payment_at = OrderPlaced.PAYMENT_PLACE_STORE
    bought = interaction("order/5005", placed)
    bought.channel = CHANNEL_STORE
    await stage.fact(till, kees, bought)
    suppressed = await view_of(stage, SuppressionState, "suppression", kees)
    product = suppressed.products[0]
    assert (product.sku, product.until_ms, [*product.order_ids]) == ("TV-55", 0, ["5005"])
    assert product.reason == SuppressionReason.SUPPRESSION_REASON_BOUGHT
    assert await listed(stage, SuppressionState, "suppression", sku="TV-55") == [suppressed]

    handed = DeliveryUpdated(lines=[television], status=DeliveryUpdated.STATUS_DELIVERED)
    await stage.fact(till, kees, interaction("order/5005", handed))
    back = ReturnReceived(
        return_id="r1",
        lines=[television],
        store=RTM_2,
        condition=ReturnReceived.CONDITION_SELLABLE,
    )
    await stage.fact(till, kees, interaction("order/5005", back))
    suppressed = await view_of(stage, SuppressionState, "suppression", kees)
    assert not suppressed.products
    released = suppressed.released[0]
    assert (released.sku, released.reason) == (
        "TV-55",
        SuppressionReason.SUPPRESSION_REASON_RETURNED,
    )
    assert released.until_ms > product.since_ms
    assert await listed(stage, SuppressionState, "suppression", sku="TV-55") == []


async def test_a_question_by_chat_shows_the_agent_the_message_it_is_about(stage: Stage) -> None:
    lena, shop = account("lena"), await stage.back_end("shop")
    app = await stage.device("phone", subject="lena", channel="live_chat")
    offer = OfferGranted(
        offer_id="SPRING",
        title="10 % off",
        share_ppm=100_000,
        valid_from_ms=stage.clock.time_ms,
        valid_until_ms=stage.clock.time_ms + 30 * DAY_MS,
        uses=1,
    )
    await stage.fact(shop, lena, interaction("rewards/main", offer))
    mail = MessageSent(
        message_id="m-1",
        category=MessageSent.CATEGORY_TRANSACTIONAL,
        campaign_id="spring",
        offer_id="SPRING",
        order_id="77",
        text_ref="texts/1",
    )
    sent = Interaction(message_sent=mail, channel=CHANNEL_EMAIL)
    await stage.fact(shop, lena, sent, at="12:10")
    arrived = MessageOutcomeReported(
        message_id="m-1", outcome=MessageOutcomeReported.OUTCOME_DELIVERED
    )
    await stage.fact(
        shop, lena, Interaction(message_outcome_reported=arrived, channel=CHANNEL_EMAIL)
    )
    started = ConversationStarted(
        topic="The offer", offer_id="SPRING", message_id="m-1", order_id="77"
    )
    await app.act(interaction("conversation/cv-1", started), at="13:10")
    asked_at_ms = stage.clock.time_ms
    question = ConversationMessageAdded(
        message_id="q-1", direction=ConversationMessageAdded.DIRECTION_IN, text="For sale items?"
    )
    await app.act(interaction("conversation/cv-1", question))

    key = f"{lena}/cv-1"
    waiting = await listed(stage, AgentConversationState, "conversations", waiting="yes")
    screen = await view_of(stage, AgentConversationState, "conversations", key)
    assert waiting == [screen]
    assert (screen.waiting_since_ms, screen.channel) == (asked_at_ms, CHANNEL_LIVE_CHAT)
    assert screen.last_message.text == "For sale items?"
    assert [*screen.journeys] == [JourneyRef(kind="order", journey_id="77")]
    assert ([*screen.offer_ids], [*screen.message_ids]) == (["SPRING"], ["m-1"])
    ledger = await view_of(stage, LedgerState, "ledger", lena)
    told = next(each for each in ledger.entries if each.id == "m-1")
    assert (told.text_ref, told.channel, told.status) == (
        "texts/1",
        CHANNEL_EMAIL,
        ContactStatus.CONTACT_STATUS_DELIVERED,
    )
    assert [each.campaign_id for each in ledger.campaigns] == ["spring"]
    assert [each.sent for each in ledger.days] == [1]

    agent = await stage.clerk("emp-4", lena, device="desk", channel="live_chat")
    answer = ConversationMessageAdded(
        message_id="a-1", direction=ConversationMessageAdded.DIRECTION_OUT, text="Yes."
    )
    await agent.act(interaction("conversation/cv-1", answer))
    done = ConversationStatusSet(
        status=ConversationStatusSet.STATUS_RESOLVED, assignee="emp-4", queue="offers"
    )
    await agent.act(interaction("conversation/cv-1", done))
    screen = await view_of(stage, AgentConversationState, "conversations", key)
    assert (screen.open, screen.waiting_since_ms, screen.assignee) == (False, 0, "emp-4")
    assert [each.actor.id for each in screen.participants] == ["emp-4", ""]
    assert await listed(stage, AgentConversationState, "conversations", open="yes") == []
    rewards = await app.sees("rewards")
    assert [each.uses_left for each in rewards.rewards.offers] == [1]


async def test_a_customer_reads_what_the_shop_knows_of_preferences_devices_and_channels(
    stage: Stage,
) -> None:
    noor = account("noor")
    phone = await stage.device("phone", subject="noor")
    size = PreferenceSet(key="shoe_size", value="42", source=PreferenceSet.SOURCE_STATED)
    await phone.act(interaction("preferences/main", size))
    stage.clock.pass_by(DAY_MS)
    laptop = await stage.device("laptop", subject="noor", channel="web")
    viewed = ProductViewed(product=interactions.product("SHOE-7"))
    await laptop.act(interaction("browse/main", viewed))
    clerk = await stage.clerk("emp-1", noor)
    visit = StoreVisited(store=UTR_1, via=StoreVisited.VIA_CARD)
    await clerk.act(Interaction(store_visited=visit))

    own = await view_of(stage, ProfileState, "profile", noor, role="device", name="noor")
    assert own == await view_of(stage, ProfileState, "profile", noor)
    assert {each.key: each.value for each in own.preferences} == {"shoe_size": "42"}
    assert {"phone", "laptop"} <= {each.device_id for each in own.devices}
    assert [each.type for each in own.touchpoints] == [
        "store.visited",
        "product.viewed",
        "preference.set",
    ]
    assert own.channels[0].channel == CHANNEL_STORE
    assert own.last_seen_ms >= own.touchpoints[0].at_ms
