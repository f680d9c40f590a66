"""Hard cases 25 to 31: carts that are ordered, orders, forms and conversations."""

from __future__ import annotations

from journey.v1.errors_pb2 import (
    ERROR_REASON_CART_CHANGED,
    ERROR_REASON_JOURNEY_CLOSED,
)
from journey.v1.events_pb2 import ACTOR_KIND_STAFF
from journey.v1.interactions_pb2 import (
    CHANNEL_LIVE_CHAT,
    CHANNEL_MOBILE_APP,
    CHANNEL_PHONE,
    CHANNEL_STORE,
    CHANNEL_VIDEO,
    CONVERSATION_MODE_VIDEO,
    CONVERSATION_MODE_VOICE,
    FULFILMENT_METHOD_DELIVERY,
    FULFILMENT_METHOD_PICKUP,
    CheckoutStarted,
    CheckoutSubmitted,
    ConversationChannelSwitched,
    ConversationMessageAdded,
    ConversationRead,
    ConversationStatusSet,
    FormSubmitted,
    InputSaved,
    InputValue,
    Interaction,
    OrderPlaced,
    OrderRefunded,
    PickupCollected,
    PickupUpdated,
    ReturnReceived,
    ReturnRequested,
)
from journey_client import JourneyKey
from projections.views.purchased import purchased
from tests.projections.acts import interaction
from tests.scenarios.test_buying import AMS_2, RTM_2, account, euros, line, ordered, standing
from tests.stage import DAY_MS, DeviceOfStory, Stage, seen_on

CHAT = "conversation/cv-1"


async def test_hard_case_25_an_add_that_the_order_did_not_see_is_in_the_next_cart(
    stage: Stage,
) -> None:
    phone, laptop = await stage.device("phone"), await stage.device("laptop")
    shop = await stage.back_end()
    phone.disconnect()
    await laptop.add("book", 2, at="20:00")
    await phone.add("book", 1, at="20:01")
    shown = (await laptop.sees("cart")).cart.digest
    started = CheckoutStarted(cart_id="main", cart_digest=shown)
    await laptop.act(interaction("checkout/k1", started), at="20:04")
    submitted = interaction("checkout/k1", CheckoutSubmitted(attempt=1, cart_digest=shown))
    submitted.expected_rev = (await laptop.sees("checkout", "k1")).rev
    await laptop.act(submitted, at="20:05")
    order = ordered(
        line("book", 2),
        method=FULFILMENT_METHOD_DELIVERY,
        cart_id="main",
        checkout_id="k1",
        attempt=1,
    )
    await stage.fact(shop, account("mila"), interaction("order/o1", order), at="20:06")
    await phone.reconnect(at="20:10")

    cart = (await phone.sees("cart")).cart
    assert {each.line_key: each.quantity for each in cart.lines} == {"book": 1}
    assert cart.generation == 1
    assert standing((await phone.sees("order", "o1")).order) == {"book": {"ordered": 2}}
    assert (await phone.sees("checkout", "k1")).finished


async def test_hard_case_25_a_checkout_of_another_cart_than_the_one_shown_is_refused(
    stage: Stage,
) -> None:
    phone, laptop = await stage.device("phone"), await stage.device("laptop")
    await laptop.add("book", 2, at="20:00")
    shown = (await laptop.sees("cart")).cart.digest
    started = CheckoutStarted(cart_id="main", cart_digest=shown)
    await laptop.act(interaction("checkout/k1", started))
    await phone.add("pen", 1, at="20:01")
    submitted = interaction("checkout/k1", CheckoutSubmitted(attempt=1, cart_digest=shown))
    submitted.expected_rev = (await laptop.sees("checkout", "k1")).rev
    result = (await laptop.session.record(submitted)).results[0]
    assert result.reason == ERROR_REASON_CART_CHANGED
    current = result.current.cart
    assert {each.line_key: each.quantity for each in current.lines} == {"book": 2, "pen": 1}
    assert current.digest == (await laptop.sees("cart")).cart.digest


async def test_hard_case_26_ordered_online_collected_in_one_store_returned_in_another(
    stage: Stage,
) -> None:
    app, shop = await stage.device("app"), await stage.back_end()
    mila, order = account("mila"), "order/o1"
    placed = ordered(line("lamp", 1), line("bulb", 2), method=FULFILMENT_METHOD_PICKUP, store=AMS_2)
    await stage.fact(shop, mila, interaction(order, placed), at="13:00")

    async def bought() -> dict[str, int]:
        found = {order: await app.sees("order", "o1")}
        return {each.line_key: each.quantity for each in purchased(found)}

    assert await bought() == {"bulb": 2, "lamp": 1}
    goods, until_ms = [line("lamp", 1), line("bulb", 2)], stage.clock.time_ms + DAY_MS
    for pickup in (
        PickupUpdated(store=AMS_2, lines=goods, status=PickupUpdated.STATUS_RESERVED),
        PickupUpdated(
            store=AMS_2,
            lines=goods,
            status=PickupUpdated.STATUS_READY,
            collect_code="77",
            expires_at_ms=until_ms,
        ),
    ):
        await stage.fact(shop, mila, interaction(order, pickup))
    clerk = await stage.clerk("emp-1", mila, device="till-AMS")
    collected = PickupCollected(store=AMS_2, lines=goods, collect_code="77")
    await clerk.act(interaction(order, collected), at="15:00")
    asked = interaction(
        order,
        ReturnRequested(return_id="r1", lines=[line("bulb")], method=ReturnRequested.METHOD_STORE),
    )
    asked.expected_rev = (await app.sees("order", "o1")).rev
    await app.act(asked, at="17:00")
    other = await stage.clerk("emp-2", mila, device="till-RTM")
    back = ReturnReceived(
        return_id="r1",
        lines=[line("bulb")],
        store=RTM_2,
        condition=ReturnReceived.CONDITION_SELLABLE,
    )
    await other.act(interaction(order, back), at="18:00")
    money = OrderRefunded(return_id="r1", lines=[line("bulb")], amount=euros(500), payment_ref="p1")
    await other.act(interaction(order, money))

    found = (await app.sees("order", "o1")).order
    assert standing(found) == {
        "bulb": {"picked_up": 1, "refunded": 1},
        "lamp": {"picked_up": 1},
    }
    channels = {move.channel for move in found.moves}
    assert {CHANNEL_STORE, CHANNEL_MOBILE_APP} <= channels
    assert len(channels) == 3
    assert await bought() == {"bulb": 1, "lamp": 1}


async def test_hard_case_27_what_a_clerk_orders_is_in_the_history_and_on_the_phone_at_once(
    stage: Stage,
) -> None:
    phone = await stage.device("phone")
    watch = phone.session.watch()
    clerk = await stage.clerk("emp-9", account("mila"))
    placed = ordered(
        line("lamp"),
        method=FULFILMENT_METHOD_DELIVERY,
        payment_at=OrderPlaced.PAYMENT_PLACE_STORE,
    )
    await clerk.act(interaction("order/1001", placed), at="13:00")
    shown = await seen_on(watch, JourneyKey("order", "1001"))
    assert standing(shown.order) == {"lamp": {"ordered": 1}}
    recorded = (await phone.events("order.placed"))[0]
    assert (recorded.actor.kind, recorded.actor.id) == (ACTOR_KIND_STAFF, "emp-9")
    assert recorded.subject_id == account("mila")


async def test_hard_case_28_a_form_filled_in_on_two_devices_keeps_both_and_shows_conflicts(
    stage: Stage,
) -> None:
    phone, laptop = await stage.device("phone"), await stage.device("laptop")
    await phone.act(filled(email="a@example.nl", telephone="1"), at="20:00")
    await laptop.sees("form", "f1")
    laptop.disconnect()
    await phone.act(filled(email="mila@example.nl"), at="20:10")
    await laptop.act(filled(telephone="0600000001"), at="20:11")
    await laptop.reconnect(at="20:20")
    assert await answers(phone) == {"email": "mila@example.nl", "telephone": "0600000001"}

    laptop.disconnect()
    await laptop.act(filled(email="early@example.nl"), at="20:30")
    await phone.act(filled(email="late@example.nl"), at="20:31")
    await laptop.reconnect(at="20:40")
    found = (await phone.sees("form", "f1")).form
    email = next(each for each in found.answers if each.field == "email")
    assert email.value == "late@example.nl"
    assert [conflict.json for conflict in email.conflicts] == ['"early@example.nl"']


async def test_hard_case_28_what_is_entered_after_the_submit_is_refused_and_before_is_history(
    stage: Stage,
) -> None:
    phone, laptop = await stage.device("phone"), await stage.device("laptop")
    await phone.act(filled(email="a@example.nl"), at="20:00")
    laptop.disconnect()
    await laptop.act(filled(telephone="1"), at="20:05")
    submitted = interaction("form/f1", FormSubmitted(attempt=1, answers={"email": "a@example.nl"}))
    submitted.expected_rev = (await phone.sees("form", "f1")).rev
    await phone.act(submitted, at="20:10")
    await laptop.reconnect(at="20:20")
    assert not laptop.answered.refused
    assert await answers(phone) == {"email": "a@example.nl"}
    late = (await laptop.session.record(filled(telephone="2"))).results[0]
    assert late.reason == ERROR_REASON_JOURNEY_CLOSED


async def test_hard_case_29_a_late_receipt_does_not_take_back_and_marked_unread_keeps_the_number(
    stage: Stage,
) -> None:
    phone, laptop = await stage.device("phone"), await stage.device("laptop")
    for number in range(5):
        await laptop.act(said(f"m-{number}"), at="" if number else "20:00")
    numbers = [
        each.no for each in (await laptop.sees("conversation", "cv-1")).conversation.messages
    ]
    phone.disconnect()
    await phone.act(interaction(CHAT, ConversationRead(up_to_no=numbers[2])), at="20:05")
    await laptop.act(interaction(CHAT, ConversationRead(up_to_no=numbers[4])), at="20:06")
    await phone.reconnect(at="20:10")
    assert (await phone.sees("conversation", "cv-1")).conversation.read_no == numbers[4]
    unread = ConversationRead(up_to_no=numbers[4], marked_unread=True)
    await laptop.act(interaction(CHAT, unread), at="20:11")
    chat = (await phone.sees("conversation", "cv-1")).conversation
    assert (chat.read_no, chat.marked_unread) == (numbers[4], True)


async def test_hard_case_30_a_chat_becomes_a_call_and_a_video_call_and_stays_one_conversation(
    stage: Stage,
) -> None:
    app, bot = await stage.device("app", channel="live_chat"), await stage.back_end("bot")
    mila = account("mila")
    await app.act(said("m-1"), at="20:00")
    await stage.fact(bot, mila, assigned("bot"))
    for source, target, mode, summary in (
        (CHANNEL_LIVE_CHAT, CHANNEL_PHONE, CONVERSATION_MODE_VOICE, "wants to talk"),
        (CHANNEL_PHONE, CHANNEL_VIDEO, CONVERSATION_MODE_VIDEO, "wants to show it"),
    ):
        switched = ConversationChannelSwitched(
            from_channel=source, to_channel=target, mode=mode, summary=summary
        )
        await app.act(interaction(CHAT, switched))
    employee = await stage.clerk("emp-1", mila, device="desk", channel="video")
    taken = assigned("emp-1")
    await employee.act(taken)
    chat = (await employee.sees("conversation", "cv-1")).conversation
    assert [message.text for message in chat.messages] == ["m-1"]
    assert (chat.mode, chat.summary) == (CONVERSATION_MODE_VIDEO, "wants to show it")
    assert chat.assignee == "emp-1"
    # The bot learns from the assignee that it is to be silent, and takes over when it is its turn.
    assert (await bot.customer(mila).journey("conversation", "cv-1")).conversation.assignee != "bot"
    await stage.fact(bot, mila, assigned("bot"))
    assert (await app.sees("conversation", "cv-1")).conversation.assignee == "bot"


async def test_hard_case_31_a_message_sent_twice_is_one_and_the_later_draft_stays(
    stage: Stage,
) -> None:
    phone, laptop = await stage.device("phone"), await stage.device("laptop")
    message = said("m-1")
    await phone.act(message, at="20:00")
    again = (await phone.session.record(message)).results[0]
    assert again.duplicate
    laptop.disconnect()
    await laptop.act(draft("from the laptop"), at="20:05")
    await phone.act(draft("from the phone"), at="20:06")
    await laptop.reconnect(at="20:10")
    chat = (await laptop.sees("conversation", "cv-1")).conversation
    assert [each.text for each in chat.messages] == ["m-1"]
    assert chat.draft == "from the phone"


def filled(**fields: str) -> Interaction:
    """Fields of a form."""
    values = {name: InputValue(text=text) for name, text in fields.items()}
    return interaction("form/f1", InputSaved(attempt=1, fields=values))


async def answers(device: DeviceOfStory) -> dict[str, str]:
    """Answers of the form as a device is shown them."""
    return {each.field: each.value for each in (await device.sees("form", "f1")).form.answers}


def said(text: str) -> Interaction:
    """A message of the customer."""
    direction = ConversationMessageAdded.DIRECTION_IN
    body = ConversationMessageAdded(message_id=text, direction=direction, text=text)
    return interaction(CHAT, body)


def draft(text: str) -> Interaction:
    """What is written and not sent."""
    return interaction(CHAT, InputSaved(fields={"draft": InputValue(text=text)}))


def assigned(assignee: str) -> Interaction:
    """Somebody answers from now on."""
    status = ConversationStatusSet.STATUS_ASSIGNED
    return interaction(CHAT, ConversationStatusSet(status=status, assignee=assignee))
