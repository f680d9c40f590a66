"""A published view takes at most 256 KiB, however long and many the texts: the newest stay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from google.protobuf.message import Message

from journey.v1.events_pb2 import ACTOR_KIND_STAFF, Actor, MachineOrder
from journey.v1.interactions_pb2 import (
    ConversationChannelSwitched,
    ConversationMessageAdded,
    DeliveryUpdated,
    Line,
    MessageSent,
    OrderPlaced,
    PreferenceSet,
    Product,
    ProductViewed,
    ReturnReceived,
    SupportCaseChanged,
)
from projections import thresholds
from projections.view import StoredView
from projections.views.conversations import CONVERSATIONS
from projections.views.ledger import LEDGER
from projections.views.profile import PROFILE
from projections.views.purchases import PURCHASES
from tests.projections.acts import Story, clock
from tests.projections.views import fold, shown

LONG = "€" * 2_000


def named(number: int) -> str:
    """A very long id."""
    return f"{number:03}{LONG[:125]}"


def after(view: StoredView[Any], journey: str, bodies: Iterable[Message], key: str = "") -> Any:
    """The view after clerks told all of this, one after the other, on ever new devices."""
    story = Story()
    for number, body in enumerate(bodies, 1):
        machine = MachineOrder(home="anna", rev=number)
        event = story.device("").record(
            journey, body, clock("10:00") + number, machine=machine, seen=0
        )
        event.actor.CopyFrom(Actor(kind=ACTOR_KIND_STAFF, id=named(number)))
        event.interaction.touchpoint.placement_id = named(number)
        event.interaction.touchpoint.campaign_id = named(number)
        event.interaction.device_id = named(number)
    published = shown(view, fold(view, story.events)[key])
    assert published.ByteSize() < thresholds.STATE_BYTES
    return published


def test_a_ledger_of_long_ids_shows_its_newest_messages_and_campaigns() -> None:
    bodies = [
        MessageSent(
            message_id=named(number),
            campaign_id=named(number),
            offer_id=named(number),
            order_id=named(number),
            conversation_id=named(number),
            text_ref=named(number),
        )
        for number in range(150)
    ]
    ledger = after(LEDGER, "", bodies)
    assert ledger.more
    assert ledger.entries[0].id == named(149)
    assert ledger.campaigns[-1].campaign_id == named(149)
    assert len(ledger.entries) < 150 > len(ledger.campaigns)


def test_a_profile_of_long_texts_shows_the_newest_of_each_list() -> None:
    stated = PreferenceSet.SOURCE_STATED
    bodies: list[Message] = [
        PreferenceSet(key=f"{number:03}", value=LONG[:1_000], source=stated) for number in range(90)
    ]
    profile = after(PROFILE, "preferences/main", [*bodies, ProductViewed()])
    assert profile.more
    assert profile.preferences[-1].key == "089"
    assert profile.touchpoints[0].type == "product.viewed"
    assert len(profile.preferences) < 90
    assert len(profile.touchpoints) < thresholds.TOUCHPOINTS_MOST


def test_a_conversation_of_many_agents_cases_and_orders_fits_an_agents_screen() -> None:
    bodies: list[Message] = [
        ConversationMessageAdded(message_id=named(number), text=LONG, order_id=named(number))
        for number in range(120)
    ]
    bodies.append(ConversationChannelSwitched(summary=LONG))
    cases = [
        SupportCaseChanged(case_id=named(number), conversation_id="c") for number in range(120)
    ]
    screen = after(CONVERSATIONS, "conversation/c", [*bodies, *cases], "c")
    assert screen.participants[0].actor.id == named(121)
    assert len(screen.participants) == thresholds.PARTICIPANTS_MOST
    assert len(screen.journeys) == len(screen.case_ids) == thresholds.CONTEXT_MOST


def test_a_purchase_of_long_lines_that_came_back_one_by_one_fits() -> None:
    skus = [named(number) for number in range(60)]
    lines = [Line(product=Product(sku=sku, name=LONG[:200]), quantity=99) for sku in skus]
    back = [
        ReturnReceived(
            return_id=named(number),
            lines=[Line(product=Product(sku=sku), quantity=1) for sku in skus],
        )
        for number in range(20)
    ]
    sent: Message = OrderPlaced(lines=lines)
    purchase = after(PURCHASES, "order/o", [sent, delivered(skus), *back], "o")
    assert purchase.more
    assert len(purchase.lines) == len(skus)
    assert purchase.returns[-1].return_id == named(19)
    assert len(purchase.returns) < 20


def delivered(skus: list[str]) -> Message:
    """All units are with the customer."""
    lines = [Line(product=Product(sku=sku), quantity=99) for sku in skus]
    return DeliveryUpdated(lines=lines, status=DeliveryUpdated.STATUS_DELIVERED)
