"""What every journal does with interactions that a rule of their journey is asked about."""

from __future__ import annotations

import asyncio

import projections
from journey.v1 import errors_pb2 as reasons
from journey.v1.events_pb2 import OUTCOME_ACCEPTED, OUTCOME_REJECTED
from journey.v1.interactions_pb2 import CheckoutRefused, ConversationMessageAdded, OrderCancelled
from journey.v1.journeys_pb2 import CartState
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.batch import Batch
from journey_service.domain.errors import BatchRefused
from tests.contract.acts import NOW, Store, whole
from tests.contract.shop import (
    CART,
    CHECKOUT,
    CLOSED,
    CONFLICT,
    ORDER,
    REWARDS,
    accepted,
    added,
    cart,
    current,
    entered,
    facts,
    granted,
    placed,
    record,
    redeemed,
    refusals,
    reserved,
    stored,
    submitted,
    tell,
    told,
)


class MachineContract:
    """Rules are asked of the exact state, in the transaction that writes."""

    async def test_what_the_rule_forbids_is_refused_with_the_journey_as_it_stands(
        self, store: Store
    ) -> None:
        await accepted(store, ORDER, placed(book=2), reserved(book=1))
        refused = await tell(store, ORDER, reserved(book=2))
        assert (refused.outcome, refused.reason) == (OUTCOME_REJECTED, CONFLICT)
        assert refused.current == await current(store, ORDER)
        assert refused.current.rev == 2

    async def test_a_refusal_is_stored_without_content_and_changes_nothing(
        self, store: Store
    ) -> None:
        await accepted(store, ORDER, placed(book=1))
        before = await current(store, ORDER)
        refused = await tell(store, ORDER, reserved(book=5))
        *_, last = await whole(store.journal)
        assert (last.version, last.type) == (refused.version, "journey.interaction_rejected")
        assert last.interaction.interaction_rejected.reason == CONFLICT
        assert not last.HasField("machine")
        assert await current(store, ORDER) == before
        await accepted(store, ORDER, reserved(book=1))
        assert (await current(store, ORDER)).rev == 2

    async def test_a_repeated_refusal_is_the_same_for_ever_and_shows_the_journey_of_then(
        self, store: Store
    ) -> None:
        await accepted(store, ORDER, placed(book=1))
        wrong = told(ORDER, reserved(book=5))
        (first,) = await record(store, wrong)
        await accepted(store, ORDER, reserved(book=1))
        (again,) = await record(store, wrong)
        assert (again.outcome, again.reason, again.version) == (
            first.outcome,
            first.reason,
            first.version,
        )
        assert again.duplicate
        assert (first.current.rev, again.current.rev) == (1, 2)
        assert again.current == await current(store, ORDER)

    async def test_an_accepted_fact_stays_accepted_although_it_would_be_forbidden_now(
        self, store: Store
    ) -> None:
        await accepted(store, ORDER, placed(book=1))
        right = told(ORDER, reserved(book=1))
        (first,) = await record(store, right)
        (again,) = await record(store, right)
        assert (again.outcome, again.duplicate) == (OUTCOME_ACCEPTED, True)
        assert again.version == first.version

    async def test_interactions_of_one_batch_see_each_other(self, store: Store) -> None:
        results = await record(
            store,
            told(ORDER, placed(book=2)),
            told(ORDER, reserved(book=1)),
            told(ORDER, reserved(book=2)),
            told(ORDER, reserved(book=1)),
            told(ORDER, reserved(book=1)),
        )
        assert refusals(results) == [0, 0, CONFLICT, 0, CONFLICT]
        assert [result.current.rev for result in results] == [0, 0, 2, 0, 3]

    async def test_another_rev_than_the_one_on_the_screen_is_refused_with_the_present_one(
        self, store: Store
    ) -> None:
        await accepted(store, ORDER, placed(book=2))
        late = await tell(store, ORDER, reserved(book=1), expected_rev=0)
        assert late.reason == reasons.ERROR_REASON_REV_MISMATCH
        assert late.current.rev == 1
        assert (await tell(store, ORDER, reserved(book=1), expected_rev=1)).reason == 0

    async def test_revs_of_events_and_of_the_published_journey_are_the_same(
        self, store: Store
    ) -> None:
        await accepted(store, ORDER, placed(book=3), reserved(book=1), reserved(book=1))
        await tell(store, ORDER, reserved(book=9))
        revs = [event.machine.rev for event in await whole(store.journal)]
        assert revs == [1, 2, 3, 0]
        assert (await current(store, ORDER)).rev == 3

    async def test_of_fifty_that_redeem_an_offer_for_one_use_exactly_one_does(
        self, store: Store
    ) -> None:
        await accepted(store, REWARDS, granted())
        answers = await asyncio.gather(
            *(record(store, told(REWARDS, redeemed(f"o{n}"))) for n in range(50))
        )
        found = sorted(refusals(result for results in answers for result in results))
        assert found == [0] + [reasons.ERROR_REASON_OFFER_SPENT] * 49
        (offer,) = (await current(store, REWARDS)).rewards.offers
        assert offer.uses_left == 0

    async def test_a_known_key_with_the_same_content_is_answered_as_the_first_fact(
        self, store: Store
    ) -> None:
        await accepted(store, REWARDS, granted(uses=5))
        first = await tell(store, REWARDS, redeemed("o1"))
        nervous = told(REWARDS, redeemed("o1"), wall_ms=NOW + 1)
        for _ in range(2):
            (again,) = await record(store, nervous)
            assert (again.outcome, again.reason) == (OUTCOME_ACCEPTED, 0)
            assert (again.duplicate, again.version) == (True, first.version)
        (offer,) = (await current(store, REWARDS)).rewards.offers
        assert offer.uses_left == 4

    async def test_a_known_key_with_other_content_is_taken(self, store: Store) -> None:
        await accepted(store, ORDER, placed(book=1))
        other = told(ORDER, placed(book=2))
        for _ in range(2):
            (taken,) = await record(store, other)
            assert (taken.outcome, taken.reason) == (
                OUTCOME_REJECTED,
                reasons.ERROR_REASON_KEY_TAKEN,
            )
            (line,) = taken.current.order.lines
            assert line.ordered == 1

    async def test_a_key_told_twice_in_one_batch_counts_once(self, store: Store) -> None:
        one, two = told(ORDER, placed(book=1)), told(ORDER, placed(book=1))
        first, second = await record(store, one, two)
        assert (second.duplicate, second.version) == (True, first.version)
        (again,) = await record(store, two)
        assert (again.duplicate, again.version) == (True, first.version)

    async def test_messages_take_the_next_rev_as_their_number(self, store: Store) -> None:
        said = [ConversationMessageAdded(message_id=f"m{n}", text="hi") for n in range(3)]
        await accepted(store, "conversation/talk", *said)
        talk = (await current(store, "conversation/talk")).conversation
        assert [message.no for message in talk.messages] == [1, 2, 3]

    async def test_a_submit_for_the_cart_that_was_shown_is_taken(self, store: Store) -> None:
        await accepted(store, CART, added(book=1))
        result = await tell(store, CHECKOUT, submitted((await cart(store)).digest))
        assert (result.outcome, result.reason) == (OUTCOME_ACCEPTED, 0)

    async def test_a_submit_for_another_cart_is_refused_with_the_cart_as_it_is(
        self, store: Store
    ) -> None:
        await accepted(store, CART, added(book=1))
        shown = (await cart(store)).digest
        await accepted(store, CART, added(pen=1))
        wrong = told(CHECKOUT, submitted(shown))
        (refused,) = await record(store, wrong)
        assert refused.reason == reasons.ERROR_REASON_CART_CHANGED
        assert refused.current == await current(store, CART)
        await accepted(store, CART, added(ink=1))
        (again,) = await record(store, wrong)
        assert again.current == await current(store, CART)
        assert len(again.current.cart.lines) == 3

    async def test_a_change_of_the_cart_in_the_same_group_is_seen_by_the_submit(
        self, store: Store
    ) -> None:
        await accepted(store, CART, added(book=1))
        shown = (await cart(store)).digest
        answers = await asyncio.gather(
            *(record(store, told(CART, added(book=1))) for _ in range(5)),
            record(store, told(CHECKOUT, submitted(shown))),
            *(record(store, told(CART, added(book=1))) for _ in range(5)),
        )
        events = await whole(store.journal)
        (last,) = answers[5]
        before = [event for event in events if event.version < last.version]
        changed = any(event.type == "cart.line_added" for event in before[1:])
        assert (last.reason == reasons.ERROR_REASON_CART_CHANGED) is changed

    async def test_one_cart_is_not_submitted_by_two_checkouts(self, store: Store) -> None:
        await accepted(store, CART, added(book=1))
        shown = (await cart(store)).digest
        one, two = await asyncio.gather(
            record(store, told("checkout/c1", submitted(shown))),
            record(store, told("checkout/c2", submitted(shown))),
        )
        assert sorted(refusals([*one, *two])) == [0, CONFLICT]

    async def test_what_is_entered_while_a_submit_is_unanswered_comes_too_late(
        self, store: Store
    ) -> None:
        await accepted(store, CHECKOUT, entered(street="Main St 1"))
        await accepted(store, CHECKOUT, submitted((await self.empty_cart()).digest))
        late = await tell(store, CHECKOUT, entered(street="Elm St 2"))
        assert late.reason == CLOSED
        assert late.current.checkout.address[0].value == "Main St 1"
        await accepted(store, CHECKOUT, CheckoutRefused(attempt=1))
        await accepted(store, CHECKOUT, entered(street="Elm St 2"))

    @staticmethod
    async def empty_cart() -> CartState:
        return projections.publish(projections.one_journey.begin("cart", "main")).cart

    async def test_rules_are_decided_on_stored_states_and_the_events_behind_them(
        self, store: Store
    ) -> None:
        await accepted(store, ORDER, placed(book=3))
        await stored(store)
        await accepted(store, ORDER, reserved(book=2))
        refused = await tell(store, ORDER, reserved(book=2))
        assert refused.reason == CONFLICT
        assert refused.current == await current(store, ORDER)
        await stored(store)
        assert (await tell(store, ORDER, reserved(book=2))).reason == CONFLICT
        await accepted(store, ORDER, reserved(book=1))

    async def test_a_submit_reads_stored_carts_whatever_their_name(self, store: Store) -> None:
        await accepted(store, CART, added(book=1))
        await stored(store)
        shown = (await cart(store)).digest
        assert (await tell(store, CHECKOUT, submitted("0" * 16))).reason == (
            reasons.ERROR_REASON_CART_CHANGED
        )
        await accepted(store, CHECKOUT, submitted(shown))

    async def test_a_refused_atomic_batch_leaves_no_trace_in_its_group(self, store: Store) -> None:
        await accepted(store, ORDER, placed(book=1))
        whole_or_not = facts(
            told(ORDER, OrderCancelled()), told(ORDER, reserved(book=9)), atomic=True
        )
        refused, taken = await asyncio.gather(
            store.journal.append(whole_or_not),
            store.journal.append(facts(told(ORDER, reserved(book=1)))),
            return_exceptions=True,
        )
        assert isinstance(refused, BatchRefused)
        assert not isinstance(taken, BaseException)
        assert taken.results[0].reason == 0

    async def test_what_is_over_takes_nothing_more(self, store: Store) -> None:
        await accepted(store, ORDER, placed(book=1), OrderCancelled())
        late = await tell(store, ORDER, reserved(book=1))
        assert late.reason == CLOSED
        assert late.current.finished

    async def test_journeys_of_two_subjects_in_one_group_are_two(self, store: Store) -> None:
        def of(subject: str) -> Batch:
            first = [told(ORDER, placed(book=1)), told(ORDER, reserved(book=1))]
            return facts(*first, subject_id=subject)

        answers = await asyncio.gather(*(store.journal.append(of(f"s{n}")) for n in range(8)))
        assert all(refusals(one.results) == [0, 0] for one in answers)

    async def test_the_rule_is_asked_also_of_journeys_of_which_nothing_is_known(
        self, store: Store
    ) -> None:
        refused = await tell(store, "order/unknown", reserved(book=1))
        assert refused.reason == CONFLICT
        assert refused.current.ref == JourneyRef(kind="order", journey_id="unknown")
        assert refused.current.rev == 0
