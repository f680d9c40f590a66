"""Journeys as the rules are asked of them: read, branched, brought forward, shown."""

from google.protobuf.message import Message

import projections
from journey.v1 import errors_pb2 as reasons
from journey.v1.events_pb2 import Event
from journey.v1.interactions_pb2 import (
    BookingChanged,
    CartLineAdded,
    CheckoutSubmitted,
    ConversationMessageAdded,
    ConversationStarted,
    FormSubmitted,
    InputSaved,
    Interaction,
    MediaPaused,
    OrderPaid,
    OrderPlaced,
    PickupUpdated,
    PointsPosted,
)
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.batch import Candidate
from journey_service.domain.catalogue import TYPES
from projections.one_journey import begin
from projections.projection import serialized
from projections.rules import Standing
from tests.projections.acts import Story, clock, fold, frozen, interaction, joined, line
from tests.projections.machines import DUPLICATE, Told, units

ORDER, CART, CHECKOUT = "order/o1", "cart/main", "checkout/c1"


def asked(*interactions: Interaction) -> frozenset[str]:
    candidates = []
    for each in interactions:
        name = each.WhichOneof("body") or ""
        candidates.append(Candidate(each, TYPES[name].name, b""))
    return projections.RULES.asked(candidates)


def placed(count: int = 2) -> OrderPlaced:
    return OrderPlaced(lines=units(book=count))


def reserved(count: int) -> PickupUpdated:
    return PickupUpdated(lines=units(book=count), status="STATUS_RESERVED")


def an_order() -> Told:
    told = Told(ORDER)
    told.takes(placed())
    return told


def standing(told: Told, *keys: str) -> Standing:
    return projections.RULES.open(keys or (ORDER,), {}, told.story.events)


# --- what is read --------------------------------------------------------------------------------


def test_kinds_without_rules_ask_for_nothing() -> None:
    assert (
        asked(
            interaction("media/film", MediaPaused()),
            interaction(CART, CartLineAdded(line=line("a", 1))),
            interaction(CART, InputSaved()),
        )
        == frozenset()
    )


def test_a_machine_asks_for_its_own_journey_and_a_submit_for_the_carts() -> None:
    assert asked(interaction(ORDER, placed()), interaction("form/f", FormSubmitted())) == {
        ORDER,
        "form/f",
    }
    assert asked(interaction(CHECKOUT, CheckoutSubmitted())) == {CHECKOUT, "cart/"}


def test_an_order_asks_for_the_checkout_whose_submit_it_answers() -> None:
    body = OrderPlaced(checkout_id="c1")
    assert asked(interaction(ORDER, body)) == {ORDER, CHECKOUT}


def test_a_type_of_a_kind_that_has_no_rule_for_it_asks_for_nothing() -> None:
    assert asked(interaction("unknown/x", InputSaved())) == frozenset()


def beside(*interactions: Interaction) -> frozenset[str]:
    candidates = []
    for each in interactions:
        name = each.WhichOneof("body") or ""
        candidates.append(Candidate(each, TYPES[name].name, b""))
    return projections.RULES.read_beside(candidates)


def test_only_a_submit_looks_at_other_journeys_than_its_own() -> None:
    assert beside(interaction(CHECKOUT, CheckoutSubmitted())) == {"cart"}
    alone = (
        interaction(ORDER, placed()),
        interaction("unknown/x", FormSubmitted()),
        interaction(CART, CartLineAdded(line=line("a", 1))),
    )
    assert beside(*alone) == frozenset()


# --- how it goes on ------------------------------------------------------------------------------


def test_stored_states_and_the_events_behind_them_are_one() -> None:
    told = an_order()
    told.takes(reserved(1))
    first, rest = told.story.events[:1], told.story.events[1:]
    states = {key: serialized(state) for key, state in fold(first).items()}
    half = projections.RULES.open([ORDER], states, rest)
    event = told.asked(reserved(2), "20:00")
    assert half.forbidden(event) == standing(told).forbidden(event)
    assert half.forbidden(event) is not None


def test_what_a_branch_goes_on_with_is_not_seen_by_the_trunk() -> None:
    told = an_order()
    trunk = standing(told)
    branch = trunk.branch()
    branch.record(told.asked(reserved(2), "20:00"))
    branch.record(told.asked(OrderPaid(payment_ref="p"), "20:00"))
    again = told.asked(reserved(1), "20:00")
    assert branch.forbidden(again) is not None
    assert trunk.forbidden(again) is None


def test_what_nobody_asked_for_is_not_folded() -> None:
    told = an_order()
    trunk = standing(told)
    event = told.asked(placed(), "20:00", journey="order/other")
    trunk.record(event)
    assert trunk.ended(event) is None


def test_what_other_subjects_of_the_customer_have_is_joined_for_the_branch_alone() -> None:
    told, visitor = Told(CHECKOUT), Story("visitor")
    told.phone.record(CART, CartLineAdded(line=line("a", 1)), clock("20:00"))
    browser = visitor.device("browser")
    for key in (CART, "cart/office"):
        browser.record(key, CartLineAdded(line=line("b", 2)), clock("20:01"))
    browser.record("media/film", MediaPaused(point_ms=1), clock("20:02"))
    trunk = standing(told, CHECKOUT, "cart/")
    branch = trunk.branch()
    states = {key: serialized(state) for key, state in fold(visitor.events).items()}
    assert {CART, "cart/office", "media/film"} <= states.keys()
    branch.join(states)
    sent = interaction(CHECKOUT, CheckoutSubmitted())
    assert lines_shown(branch, sent) == {"a": 1, "b": 2}
    assert lines_shown(trunk, sent) == {"a": 1}
    branch.join(states)
    assert lines_shown(branch, sent) == {"a": 1, "b": 2}


def lines_shown(now: Standing, sent: Interaction) -> dict[str, int]:
    """The cart that a refused submit is shown."""
    cart = now.current(sent, reasons.ERROR_REASON_CART_CHANGED)
    assert cart is not None
    return {each.line_key: each.quantity for each in cart.cart.lines}


# --- what is shown -------------------------------------------------------------------------------


def test_a_refusal_shows_its_journey_and_a_changed_cart_the_cart() -> None:
    told = Told(CHECKOUT)
    told.phone.record(CART, CartLineAdded(line=line("a", 1)), clock("20:00"))
    now = standing(told, CHECKOUT, "cart/")
    sent = interaction(CHECKOUT, CheckoutSubmitted())
    cart = now.current(sent, reasons.ERROR_REASON_CART_CHANGED)
    assert cart == told.story.journey(CART)
    own = now.current(sent, reasons.ERROR_REASON_STATE_CONFLICT)
    assert own is not None
    assert own.ref == JourneyRef(kind="checkout", journey_id="c1")


def test_other_refusals_and_other_interactions_show_nothing() -> None:
    now = standing(an_order())
    sent = interaction(ORDER, placed())
    assert now.current(sent, reasons.ERROR_REASON_FIELD_VIOLATIONS) is None
    other = interaction("media/film", MediaPaused())
    assert now.current(other, reasons.ERROR_REASON_STATE_CONFLICT) is None


def test_nothing_speaks_against_what_no_rule_concerns() -> None:
    now = standing(an_order())
    event = Event(interaction=interaction("media/film", MediaPaused()))
    assert (now.ended(event), now.forbidden(event)) == (None, None)


# --- machines that met ---------------------------------------------------------------------------


def test_of_a_key_that_two_homes_have_the_first_fact_is_known() -> None:
    told = Told(ORDER)
    for home, count, at in (("anna", 2, "20:10"), ("visitor", 5, "20:00")):
        event = told.asked(placed(count), at)
        event.machine.home = home
        told.story.events.append(event)
    assert told.tell(placed(5)) == DUPLICATE
    assert told.tell(placed(2)) == "KEY_TAKEN"


def test_journeys_of_which_nothing_was_accepted_are_published_empty() -> None:
    for kind, rule in projections.RULES.kinds.items():
        journey = projections.publish(begin(kind, "x"))
        assert (journey.rev, journey.finished) == (0, False), rule


def test_states_of_two_sides_are_joined_whole() -> None:
    mine, theirs = Told("conversation/t"), Told("conversation/t")
    theirs.story.subject_id = "visitor"
    for told, message_id, order_id in ((mine, "m1", "o1"), (theirs, "m2", "o2")):
        body = ConversationMessageAdded(message_id=message_id, text="hi", order_id=order_id)
        told.takes(body)
        told.tell(ConversationStarted(offer_id=f"of {order_id}"))
    both = [fold(mine.story.events), fold(theirs.story.events)]
    whole = fold([*mine.story.events, *theirs.story.events])
    assert frozen(joined(both)) == frozen(whole) == frozen(joined(both[::-1]))
    state = projections.publish(whole["conversation/t"]).conversation
    assert ([*state.order_ids], len(state.messages)) == (["o1", "o2"], 2)
    assert [*state.offer_ids] == ["of o1", "of o2"]


def test_steps_of_a_body_that_is_not_known_any_more_are_passed_over() -> None:
    bodies: dict[str, Message] = {
        "order/x": placed(),
        "checkout/x": CheckoutSubmitted(attempt=1),
        "form/x": FormSubmitted(attempt=1),
        "conversation/x": ConversationMessageAdded(message_id="m"),
        "rewards/x": PointsPosted(entry_id="e", points=1),
        "booking/x": BookingChanged(status="STATUS_REQUESTED"),
    }
    for key, body in bodies.items():
        told = Told(key)
        told.story.events.append(told.asked(body, "20:00"))
        (state,) = (state for name, state in told.story.folds().items() if name == key)
        machine = getattr(state, key.partition("/")[0]).machine
        later = Event()
        machine.transitions.add(home="z", rev=9).write.message = later.SerializeToString()
        projections.publish(state)
