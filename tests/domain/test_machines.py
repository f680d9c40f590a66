"""What a batch becomes when the journeys of its interactions are asked."""

from __future__ import annotations

from typing import Any

import pytest

import projections
from journey.v1 import errors_pb2 as reasons
from journey.v1.events_pb2 import OUTCOME_ACCEPTED, OUTCOME_QUARANTINED, OUTCOME_REJECTED
from journey.v1.interactions_pb2 import CheckoutSubmitted, OrderPlaced, PickupUpdated
from journey.v1.journey_service_pb2 import RecordResult
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.batch import Batch, Candidate, Decision, Known
from journey_service.domain.errors import BatchRefused
from projections.one_journey import begin
from tests.domain.samples import (
    DAY,
    NOW,
    SUBJECT,
    Stream,
    batch,
    candidate,
    clock,
    message,
    pause,
    seen,
)
from tests.projections.machines import units

ORDER = JourneyRef(kind="order", journey_id="o1")
CONFLICT = reasons.ERROR_REASON_STATE_CONFLICT


def placed(seq: int, count: int = 2, **envelope: Any) -> Candidate:
    return told(seq, OrderPlaced(lines=units(book=count)), **envelope)


def reserved(seq: int, count: int, **envelope: Any) -> Candidate:
    return told(seq, PickupUpdated(lines=units(book=count), status="STATUS_RESERVED"), **envelope)


def told(seq: int, body: OrderPlaced | PickupUpdated, **envelope: Any) -> Candidate:
    sent = pause(seq, journey=ORDER, **envelope)
    field = sent.order_placed if isinstance(body, OrderPlaced) else sent.pickup_updated
    field.CopyFrom(body)  # type: ignore[arg-type]  # each its own
    return candidate(sent)


class RuledStream(Stream):
    """A stream whose journal reads the journeys that rules ask for."""

    def known(self, wanted: Batch) -> Known:
        known = super().known(wanted)
        asked = projections.RULES.asked(wanted.candidates)
        journeys = projections.RULES.open(asked, {}, self.events) if asked else None
        facts = {name: getattr(known, name) for name in Known.__dataclass_fields__}
        return Known(**{**facts, "journeys": journeys})


def results(stream: Stream, *candidates: Candidate, **facts: Any) -> list[RecordResult]:
    return [*stream.record(batch(*candidates, **facts))]


def last(stream: Stream) -> Decision:
    """What became of a step that the rule forbids."""
    return stream.append(batch(reserved(2, 9)))


def test_a_forbidden_step_is_refused_and_stored_without_content() -> None:
    stream = RuledStream()
    results(stream, placed(1))
    decision = last(stream)
    (event,), (result,) = decision.events, decision.results
    assert (event.type, event.outcome, event.reason) == (
        "journey.interaction_rejected",
        OUTCOME_REJECTED,
        CONFLICT,
    )
    assert not event.interaction.HasField("pickup_updated")
    assert (event.version, event.same_as, event.HasField("machine")) == (2, 0, False)
    assert (result.current.ref, result.current.rev) == (ORDER, 1)


def test_a_refusal_takes_its_place_in_the_order_of_the_installation() -> None:
    stream = RuledStream()
    results(stream, placed(1))
    last(stream)
    first, second = stream.events
    assert (second.occurrence.t_ms, second.occurrence.counter) == (NOW, 1)
    assert second.occurrence.seq == 2
    assert (first.occurrence.t_ms, first.occurrence.counter) == (NOW, 0)
    assert stream.watermarks[first.occurrence.installation_id][0] == 2


def test_a_forbidden_step_moves_no_rev() -> None:
    stream = RuledStream()
    found = results(stream, placed(1), reserved(2, 9), reserved(3, 1))
    assert [result.reason for result in found] == [0, CONFLICT, 0]
    assert [event.machine.rev for event in stream.events] == [1, 0, 2]
    assert stream.revs == {("order", "o1"): 2}


def test_a_repeat_shows_the_journey_as_it_stands_by_then() -> None:
    stream = RuledStream()
    results(stream, placed(1), reserved(2, 9), reserved(3, 1))
    again = results(stream, placed(1), reserved(2, 9), reserved(3, 1))
    assert [(result.duplicate, result.reason) for result in again] == [
        (True, 0),
        (True, CONFLICT),
        (True, 0),
    ]
    assert [result.current.rev for result in again] == [0, 2, 0]


def test_a_known_key_goes_before_the_rev_on_the_screen() -> None:
    stream = RuledStream()
    (first,) = results(stream, placed(1, expected_rev=0))
    (again,) = results(stream, placed(2, expected_rev=0))
    assert (again.outcome, again.duplicate, again.version) == (OUTCOME_ACCEPTED, True, 1)
    assert stream.events[1].same_as == first.version
    (repeated,) = results(stream, placed(2, expected_rev=0))
    assert repeated == again


def test_the_rev_on_the_screen_goes_before_the_rule() -> None:
    stream = RuledStream()
    results(stream, placed(1))
    (result,) = results(stream, reserved(2, 9, expected_rev=7))
    assert result.reason == reasons.ERROR_REASON_REV_MISMATCH
    assert result.current.rev == 1


def test_an_atomic_batch_is_refused_whole_for_one_forbidden_step() -> None:
    stream = RuledStream()
    with pytest.raises(BatchRefused) as caught:
        stream.append(batch(placed(1), reserved(2, 9), atomic=True))
    assert (caught.value.metadata["index"], caught.value.refused_reason) == ("1", CONFLICT)
    assert stream.events == []


def test_what_is_too_old_is_asked_like_all_and_then_changes_nothing() -> None:
    stream = RuledStream()
    late = {"clock": clock(sent_mono_ms=31 * DAY)}
    (forbidden,) = results(stream, reserved(1, 1), **late)
    (old,) = results(stream, placed(2), **late)
    (new,) = results(stream, placed(3))
    assert (forbidden.reason, old.outcome) == (CONFLICT, OUTCOME_QUARANTINED)
    assert (new.outcome, new.duplicate) == (OUTCOME_ACCEPTED, False)


def test_who_is_not_asked_refuses_nothing_and_shows_nothing() -> None:
    """Neighbours of a batch may be of kinds without rules."""
    stream = RuledStream()
    film = pause(2, expected_rev=3)
    found = results(stream, placed(1), candidate(film, machine=True))
    assert [result.reason for result in found] == [0, reasons.ERROR_REASON_REV_MISMATCH]
    assert not found[1].HasField("current")


def test_an_order_takes_over_what_its_submit_had_in_view() -> None:
    stream = RuledStream()
    shown = projections.publish(begin("cart", "main")).cart.digest
    sent = pause(1, journey=JourneyRef(kind="checkout", journey_id="c1"))
    sent.checkout_submitted.CopyFrom(CheckoutSubmitted(attempt=1, cart_digest=shown))
    order = pause(2, journey=ORDER)
    order.order_placed.CopyFrom(OrderPlaced(checkout_id="c1", attempt=1))
    results(stream, candidate(sent, seen=seen(4)), candidate(order))
    submit, placed_order = stream.events
    assert placed_order.cut == submit.cut
    assert submit.cut.versions[0].version == 4


def test_messages_are_numbered_by_the_rev() -> None:
    stream = RuledStream()
    results(stream, message(1), message(2))
    states: dict[str, Any] = {}
    for event in stream.events:
        projections.fold_event(states, event)
    talk = projections.publish(states["conversation/chat"])
    assert [each.no for each in talk.conversation.messages] == [1, 2]
    assert talk.rev == 2
    assert {event.machine.home for event in stream.events} == {SUBJECT}
