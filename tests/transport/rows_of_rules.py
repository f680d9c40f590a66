"""What gets an interaction refused by the rule of its journey: what happened before, and what may
not happen then."""

import time
from typing import Any, NamedTuple

from google.protobuf.message import Message

import projections
from journey.v1.interactions_pb2 import (
    CHANNEL_WEB,
    BookingChanged,
    CartLineAdded,
    CheckoutSubmitted,
    ConversationMessageAdded,
    ConversationStatusSet,
    FormSubmitted,
    Fulfilment,
    InputSaved,
    InputValue,
    Interaction,
    Line,
    Money,
    OfferEnded,
    OfferGranted,
    OfferRedeemed,
    OrderCancelled,
    OrderPlaced,
    OrderRefunded,
    PickupCollected,
    PickupUpdated,
    PointsPosted,
    Product,
    QuoteAnswered,
    QuoteGiven,
    ReturnRequested,
    Store,
)
from journey.v1.journey_service_pb2 import GetJourneyRequest, RecordRequest, RecordResult
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.catalogue import TYPES
from projections.one_journey import begin
from tests.transport.serving import event_id
from tests.transport.world import DAY_MS, World, provokes

FIELDS = {found.message.full_name: name for name, found in TYPES.items()}
ORDER, CHECKOUT, FORM = "order/o1", "checkout/c1", "form/address"
REWARDS, TALK, TABLE = "rewards/main", "conversation/t1", "booking/b1"
BERLIN, EUR = Store(store_id="berlin"), "EUR"
NOW_MS = int(time.time() * 1_000)


def fact(journey: str, body: Message, **envelope: Any) -> Interaction:
    """What a back end reports."""
    kind, _, journey_id = journey.partition("/")
    made: dict[str, Any] = {"event_id": event_id(), "wall_ms": int(time.time() * 1_000)}
    interaction = Interaction(
        **made | envelope, journey=JourneyRef(kind=kind, journey_id=journey_id)
    )
    getattr(interaction, FIELDS[body.DESCRIPTOR.full_name]).CopyFrom(body)
    return interaction


def line(sku: str, quantity: int = 1) -> Line:
    return Line(product=Product(sku=sku), quantity=quantity)


def placed(quantity: int = 1) -> OrderPlaced:
    return OrderPlaced(
        lines=[line("book", quantity)],
        total=Money(currency=EUR, units=10),
        fulfilment=Fulfilment(method="FULFILMENT_METHOD_PICKUP", store=BERLIN),
        payment_at=OrderPlaced.PAYMENT_PLACE_STORE,
    )


def pickup(status: str, quantity: int = 1, **more: Any) -> PickupUpdated:
    lines = [line("book", quantity)]
    return PickupUpdated(store=BERLIN, lines=lines, status=f"STATUS_{status}", **more)


def ready(code: str) -> PickupUpdated:
    return pickup("READY", collect_code=code, expires_at_ms=NOW_MS + DAY_MS)


def collected(code: str) -> PickupCollected:
    return PickupCollected(store=BERLIN, lines=[line("book")], collect_code=code)


def granted(**more: Any) -> OfferGranted:
    given: dict[str, Any] = {"valid_from_ms": NOW_MS - DAY_MS, "valid_until_ms": NOW_MS + DAY_MS}
    return OfferGranted(offer_id="ten", title="Ten", share_ppm=100_000, uses=1, **given | more)


def redeemed(order_id: str = "o1") -> OfferRedeemed:
    return OfferRedeemed(offer_id="ten", order_id=order_id)


def points(number: int) -> PointsPosted:
    return PointsPosted(entry_id="e1", points=number, reason=PointsPosted.REASON_EARNED)


def message(text: str) -> ConversationMessageAdded:
    inwards = ConversationMessageAdded.DIRECTION_IN
    return ConversationMessageAdded(message_id="m1", direction=inwards, text=text)


def standing(status: str) -> ConversationStatusSet:
    return ConversationStatusSet(status=f"STATUS_{status}")


def quote() -> QuoteGiven:
    total = Money(currency=EUR, units=10)
    until_ms = NOW_MS + DAY_MS
    return QuoteGiven(quote_id="q1", lines=[line("book")], total=total, valid_until_ms=until_ms)


def answered(answer: str) -> QuoteAnswered:
    return QuoteAnswered(quote_id="q1", answer=f"ANSWER_{answer}")


def booking(status: str) -> BookingChanged:
    start_ms = NOW_MS + DAY_MS
    return BookingChanged(
        status=f"STATUS_{status}", slot_start_ms=start_ms, slot_end_ms=start_ms + 1, party=2
    )


def entered(field: str = "name", **more: Any) -> InputSaved:
    return InputSaved(fields={field: InputValue(text="Anna")}, **more)


def form_sent(attempt: int = 1) -> FormSubmitted:
    return FormSubmitted(attempt=attempt, answers={"name": "Anna"})


def order_sent(digest: str, attempt: int = 1) -> CheckoutSubmitted:
    return CheckoutSubmitted(attempt=attempt, cart_digest=digest)


def of_nothing() -> str:
    """Digest of a cart without lines."""
    return projections.publish(begin("cart", "main")).cart.digest


class Case(NamedTuple):
    """A reason, how it comes about in words, the facts before, and the one that gets it."""

    reason: str
    name: str
    before: list[Interaction]
    wrong: Interaction


def _cases() -> list[Case]:
    long_ago = {"wall_ms": NOW_MS - 8 * DAY_MS}
    over = {"valid_from_ms": NOW_MS - 2 * DAY_MS, "valid_until_ms": NOW_MS - DAY_MS}
    return [
        Case(
            "STATE_CONFLICT",
            "more_units_reserved_than_were_ordered",
            [fact(ORDER, placed(2)), fact(ORDER, pickup("RESERVED"))],
            fact(ORDER, pickup("RESERVED", 2)),
        ),
        Case(
            "STATE_CONFLICT",
            "units_given_back_that_nobody_has",
            [fact(ORDER, placed())],
            fact(ORDER, ReturnRequested(return_id="r", lines=[line("book")], method="METHOD_MAIL")),
        ),
        Case(
            "STATE_CONFLICT",
            "an_order_that_was_never_placed",
            [],
            fact(ORDER, pickup("RESERVED")),
        ),
        Case(
            "STATE_CONFLICT",
            "money_given_back_for_what_did_not_come_back",
            [fact(ORDER, placed())],
            fact(
                ORDER,
                OrderRefunded(
                    lines=[line("book")], amount=Money(currency=EUR, units=1), payment_ref="p1"
                ),
            ),
        ),
        Case(
            "STATE_CONFLICT",
            "a_quote_that_is_answered_otherwise",
            [fact(TALK, quote()), fact(TALK, answered("ACCEPTED"))],
            fact(TALK, answered("DECLINED")),
        ),
        Case("STATE_CONFLICT", "a_quote_nobody_gave", [], fact(TALK, answered("ACCEPTED"))),
        Case(
            "STATE_CONFLICT",
            "a_booking_that_is_confirmed_and_was_not_held",
            [fact(TABLE, booking("REQUESTED"))],
            fact(TABLE, booking("CONFIRMED")),
        ),
        Case(
            "STATE_CONFLICT",
            "an_attempt_of_a_form_that_leaves_one_out",
            [fact(FORM, form_sent(1))],
            fact(FORM, form_sent(3)),
        ),
        Case(
            "STATE_CONFLICT",
            "a_cart_that_another_checkout_has_submitted",
            [fact("checkout/other", order_sent(of_nothing()))],
            fact(CHECKOUT, order_sent(of_nothing())),
        ),
        Case(
            "JOURNEY_CLOSED",
            "an_order_that_was_cancelled",
            [fact(ORDER, placed()), fact(ORDER, OrderCancelled(on_behalf="SIDE_CUSTOMER"))],
            fact(ORDER, pickup("RESERVED")),
        ),
        Case(
            "JOURNEY_CLOSED",
            "an_answer_to_an_attempt_that_was_submitted",
            [fact(FORM, form_sent(1))],
            fact(FORM, entered(attempt=1)),
        ),
        Case(
            "JOURNEY_CLOSED",
            "an_input_while_a_submit_is_unanswered",
            [fact(CHECKOUT, order_sent(of_nothing()))],
            fact(CHECKOUT, entered()),
        ),
        Case(
            "JOURNEY_CLOSED",
            "a_booking_that_was_called_off",
            [fact(TABLE, booking("REQUESTED")), fact(TABLE, booking("CANCELLED"))],
            fact(TABLE, booking("HELD")),
        ),
        Case(
            "JOURNEY_CLOSED",
            "a_message_more_than_seven_days_after_the_end",
            [fact(TALK, standing("RESOLVED"), **long_ago)],
            fact(TALK, message("still there?")),
        ),
        Case(
            "KEY_TAKEN",
            "an_order_id_with_other_lines",
            [fact(ORDER, placed(1))],
            fact(ORDER, placed(2)),
        ),
        Case(
            "KEY_TAKEN",
            "an_entry_with_other_points",
            [fact(REWARDS, points(10))],
            fact(REWARDS, points(11)),
        ),
        Case(
            "KEY_TAKEN",
            "a_message_id_with_another_text",
            [fact(TALK, message("hello"))],
            fact(TALK, message("good bye")),
        ),
        Case(
            "CART_CHANGED",
            "a_submit_of_a_cart_that_was_changed_meanwhile",
            [fact("cart/main", CartLineAdded(line=line("book")))],
            fact(CHECKOUT, order_sent(of_nothing())),
        ),
        Case(
            "OFFER_SPENT",
            "an_offer_for_one_use_used_twice",
            [fact(REWARDS, granted()), fact(REWARDS, redeemed("o1"))],
            fact(REWARDS, redeemed("o2")),
        ),
        Case("OFFER_NOT_VALID", "an_offer_nobody_granted", [], fact(REWARDS, redeemed())),
        Case(
            "OFFER_NOT_VALID",
            "an_offer_whose_time_is_over",
            [fact(REWARDS, granted(**over))],
            fact(REWARDS, redeemed()),
        ),
        Case(
            "OFFER_NOT_VALID",
            "an_offer_for_another_channel",
            [fact(REWARDS, granted(channels=[CHANNEL_WEB]))],
            fact(REWARDS, redeemed()),
        ),
        Case(
            "OFFER_NOT_VALID",
            "an_offer_that_was_taken_back",
            [
                fact(REWARDS, granted()),
                fact(REWARDS, OfferEnded(offer_id="ten", reason="REASON_WITHDRAWN")),
            ],
            fact(REWARDS, redeemed()),
        ),
        Case(
            "COLLECT_CODE_WRONG",
            "a_parcel_asked_for_with_another_code",
            [fact(ORDER, placed()), fact(ORDER, pickup("RESERVED")), fact(ORDER, ready("1234"))],
            fact(ORDER, collected("4321")),
        ),
        Case(
            "COLLECT_CODE_WRONG",
            "a_code_that_was_used_before",
            [
                fact(ORDER, placed(2)),
                fact(ORDER, pickup("RESERVED", 2)),
                fact(ORDER, pickup("READY", 2, collect_code="1", expires_at_ms=NOW_MS + DAY_MS)),
                fact(ORDER, collected("1")),
            ],
            fact(ORDER, collected("1")),
        ),
        Case(
            "REV_MISMATCH",
            "a_screen_that_is_older_than_the_journey",
            [fact(TABLE, booking("REQUESTED"))],
            fact(TABLE, booking("CANCELLED"), expected_rev=0),
        ),
    ]


CASES = _cases()


async def tell(world: World, *interactions: Interaction) -> list[RecordResult]:
    """What a back end is answered that reports of alice."""
    request = RecordRequest(subject_id="alice", interactions=interactions, installation_id="shop")
    return [*(await world.record(request, world.service)).results]


async def refused(world: World, case: Case) -> RecordResult:
    """The answer to the wrong fact of a case."""
    for interaction in case.before:
        (result,) = await tell(world, interaction)
        assert not result.reason, result
    (result,) = await tell(world, case.wrong)
    return result


async def shown(world: World, ref: JourneyRef) -> Any:
    """A journey as the back end reads it."""
    asked = GetJourneyRequest(subject_id="alice", journey=ref)
    return (await world.served.journeys.GetJourney(asked, metadata=world.service)).journey


def _row(case: Case) -> None:
    async def provoke(world: World) -> Any:
        return await refused(world, case)

    provoke.__name__ = case.name
    provokes(case.reason)(provoke)


for _case in CASES:
    _row(_case)
