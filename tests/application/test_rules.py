"""What a refusal by the rule of a journey shows, and to whom."""

from __future__ import annotations

from journey.v1.errors_pb2 import ERROR_REASON_CART_CHANGED, ERROR_REASON_STATE_CONFLICT
from journey.v1.interactions_pb2 import BookingChanged, CheckoutSubmitted, Interaction
from journey.v1.journey_service_pb2 import RecordResult
from journey.v1.references_pb2 import JourneyRef
from tests.application.scene import CART, DeviceInUse, added, scene
from tests.application.test_handoff import claim, create

CHECKOUT = JourneyRef(kind="checkout", journey_id="c1")
TABLE = JourneyRef(kind="booking", journey_id="b1")


def submitted(attempt: int = 1) -> Interaction:
    body = CheckoutSubmitted(attempt=attempt, cart_digest="0" * 16)
    return Interaction(journey=CHECKOUT, checkout_submitted=body, expected_rev=0)


async def test_a_changed_cart_is_shown_with_the_refusal() -> None:
    stage = await scene()
    phone = await stage.device()
    answer = await phone.record(added("B1"), submitted())
    result = answer.results[1]
    assert (result.reason, result.current.ref) == (ERROR_REASON_CART_CHANGED, CART)
    assert [line.line_key for line in result.current.cart.lines] == ["B1"]


async def test_a_guest_is_shown_no_other_journey_than_the_one_handed_over() -> None:
    stage = await scene()
    phone, noah = await stage.device(), await stage.device("noah")
    await phone.record(added("B1"))
    code = (await create(phone, journey=CHECKOUT)).code
    session = (await claim(stage, noah.principal, code)).session
    guest = DeviceInUse(stage, noah.principal, session)
    (result,) = (await guest.record(submitted())).results
    assert (result.reason, result.HasField("current")) == (ERROR_REASON_CART_CHANGED, False)


async def test_what_is_shown_is_finished_because_time_went_by() -> None:
    """A table confirmed for a time that is over: what follows is refused, and told why."""
    stage = await scene()
    phone = await stage.device()
    now_ms = stage.application.now_ms()
    results: list[RecordResult] = []
    for rev, status in enumerate(("REQUESTED", "HELD", "CONFIRMED", "REQUESTED")):
        body = BookingChanged(
            status=f"STATUS_{status}", slot_start_ms=now_ms - 2, slot_end_ms=now_ms - 1, party=2
        )
        sent = Interaction(journey=TABLE, booking_changed=body, expected_rev=rev)
        results += (await phone.record(sent)).results
    assert [result.reason for result in results] == [0, 0, 0, ERROR_REASON_STATE_CONFLICT]
    assert (results[-1].current.finished, results[-1].current.archived) == (True, False)
