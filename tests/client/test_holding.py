"""What a consumer holds: leases, credit and answers, without a network."""

import pytest

from journey.v1.errors_pb2 import ERROR_REASON_DELIVERY_UNKNOWN, ERROR_REASON_LEASE_LOST
from journey.v1.groups_pb2 import (
    NACK_ACTION_PARK,
    ConsumeRequest,
    Nack,
    SettlementFailure,
    SettlementResult,
)
from journey.v1.groups_pb2 import Delivery as Handed
from journey_client import JourneyError, errors
from journey_client._holding import Held, Holding, Stage

LEASE_MS = 30_000


class Consumer:
    """A consumer at a moment of its own clock."""

    def __init__(self, deliveries: int = 4, size_bytes: int = 1_000) -> None:
        self.lost: list[tuple[str, JourneyError]] = []
        self.holding = Holding(deliveries, size_bytes, self._lose)
        self.now_ms = 0.0

    def _lose(self, held: Held, error: JourneyError) -> None:
        self.lost.append((held.handed.delivery_id, error))

    def get(self, *ids: str, size: int = 10) -> None:
        for delivery_id in ids:
            handed = Handed(delivery_id=delivery_id, bytes=size)
            self.holding.arrived(handed, LEASE_MS, self.now_ms)

    def begin(self) -> Held:
        held = self.holding.next(self.now_ms)
        assert held is not None
        return held

    def ack(self) -> Held:
        held = self.begin()
        self.holding.settle(held, None)
        return held

    def hear(self, *ids: str, lost: str = "", reason: int = ERROR_REASON_LEASE_LOST) -> None:
        failures = [SettlementFailure(delivery_id=lost, reason=reason)] if lost else []  # type: ignore[arg-type]
        self.holding.result(SettlementResult(settled_ids=ids, failures=failures), self.now_ms)

    def frames(self) -> list[ConsumeRequest]:
        return list(self.holding.take_frames(self.now_ms))


async def test_deliveries_are_worked_on_in_the_order_in_which_they_came() -> None:
    consumer = Consumer()
    consumer.get("a", "b", "c")
    assert [consumer.begin().handed.delivery_id for _ in "abc"] == ["a", "b", "c"]
    assert consumer.holding.next(0) is None


async def test_what_is_settled_goes_out_once_in_one_frame() -> None:
    consumer = Consumer(deliveries=100)
    consumer.get("a", "b", "c")
    consumer.ack()
    held = consumer.begin()
    consumer.holding.settle(held, Nack(delivery_id="b", action=NACK_ACTION_PARK, reason="why"))
    consumer.holding.settle(held, None)
    (frame,) = consumer.frames()
    assert list(frame.settlement.ack_ids) == ["a"]
    assert [(nack.delivery_id, nack.reason) for nack in frame.settlement.nacks] == [("b", "why")]
    assert consumer.frames() == []


async def test_an_acknowledgement_counts_when_it_is_confirmed_and_not_before() -> None:
    consumer = Consumer()
    consumer.get("a")
    held = consumer.ack()
    assert not held.answer.done()
    assert consumer.holding.count(Stage.SETTLED) == 1
    consumer.hear("a")
    assert held.answer.result() is None
    assert not held.lost
    assert consumer.holding.count(Stage.SETTLED) == 0


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (ERROR_REASON_LEASE_LOST, errors.LeaseLost),
        (ERROR_REASON_DELIVERY_UNKNOWN, errors.DeliveryUnknown),
    ],
)
async def test_an_acknowledgement_that_does_not_count_is_told(
    reason: int, kind: type[JourneyError]
) -> None:
    consumer = Consumer()
    consumer.get("a")
    held = consumer.ack()
    consumer.hear(lost="a", reason=reason)
    assert held.lost
    assert [(name, type(error)) for name, error in consumer.lost] == [("a", kind)]
    assert consumer.holding.count(Stage.SETTLED) == 0


async def test_credit_is_given_back_when_half_of_it_is_free() -> None:
    consumer = Consumer(deliveries=4)
    consumer.get("a", "b", "c", "d")
    consumer.ack()
    assert [frame.WhichOneof("content") for frame in consumer.frames()] == ["settlement"]
    consumer.ack()
    settlement, credit = consumer.frames()
    assert settlement.WhichOneof("content") == "settlement"
    assert (credit.credit.deliveries, credit.credit.bytes) == (2, 20)
    assert consumer.frames() == []


async def test_who_wants_no_more_gives_no_credit() -> None:
    consumer = Consumer(deliveries=1)
    consumer.get("a")
    consumer.ack()
    (frame,) = consumer.holding.take_frames(0, more=False)
    assert frame.WhichOneof("content") == "settlement"


async def test_credit_in_bytes_is_given_back_when_half_of_it_is_free() -> None:
    consumer = Consumer(deliveries=100, size_bytes=1_000)
    consumer.get("a", size=600)
    consumer.ack()
    assert consumer.frames()[-1].credit.bytes == 600


async def test_a_lease_is_made_longer_at_half_its_life_while_a_body_runs() -> None:
    consumer = Consumer()
    consumer.get("a")
    consumer.begin()
    assert consumer.holding.next_at_ms() == LEASE_MS / 2
    consumer.now_ms = LEASE_MS / 2
    (frame,) = consumer.frames()
    (extension,) = frame.settlement.extensions
    assert (extension.delivery_id, extension.lease_ms) == ("a", LEASE_MS)
    assert consumer.frames() == []
    consumer.now_ms += 100
    consumer.hear("a")
    assert consumer.holding.next_at_ms() == consumer.now_ms + LEASE_MS / 2
    assert consumer.holding.count(Stage.UNDER_WAY) == 1


async def test_what_waits_for_its_turn_keeps_its_lease_too() -> None:
    consumer = Consumer()
    consumer.get("a", "b")
    consumer.begin()
    consumer.now_ms = LEASE_MS / 2
    (frame,) = consumer.frames()
    assert [each.delivery_id for each in frame.settlement.extensions] == ["a", "b"]
    consumer.hear("a", "b")
    consumer.now_ms = LEASE_MS * 1.4
    assert consumer.begin().handed.delivery_id == "b"


async def test_what_waited_beyond_its_lease_is_not_begun() -> None:
    consumer = Consumer(deliveries=2)
    consumer.get("a")
    consumer.now_ms = LEASE_MS - 1
    consumer.get("b")
    consumer.now_ms = LEASE_MS
    assert consumer.begin().handed.delivery_id == "b"
    assert [name for name, _ in consumer.lost] == ["a"]
    frames = consumer.frames()
    assert frames[-1].credit.deliveries == 1, "its place is free again"


async def test_a_body_that_lost_its_lease_hears_of_it_and_settles_nothing() -> None:
    consumer = Consumer(deliveries=2)
    consumer.get("a")
    held = consumer.begin()
    consumer.hear(lost="a")
    assert held.lost
    assert consumer.frames() == [], "its place is taken until the body ends"
    consumer.holding.settle(held, None)
    (frame,) = consumer.frames()
    assert frame.credit.deliveries == 1


async def test_what_was_lost_while_it_waited_is_not_begun() -> None:
    consumer = Consumer()
    consumer.get("a", "b")
    consumer.hear(lost="a")
    assert consumer.begin().handed.delivery_id == "b"
    assert [name for name, _ in consumer.lost] == ["a"]


async def test_a_new_stream_repeats_what_is_not_confirmed_and_forgets_what_waits() -> None:
    consumer = Consumer(deliveries=4, size_bytes=100)
    consumer.get("a", "b", "c")
    consumer.ack()
    assert len(consumer.frames()) == 1
    running = consumer.begin()
    credit = consumer.holding.reopened()
    assert (credit.deliveries, credit.bytes) == (3, 90)
    assert consumer.holding.next(0) is None
    (frame,) = consumer.frames()
    assert list(frame.settlement.ack_ids) == ["a"]
    consumer.holding.settle(running, None)
    assert list(consumer.frames()[0].settlement.ack_ids) == ["b"]


async def test_a_new_stream_can_always_be_sent_something() -> None:
    consumer = Consumer(deliveries=1, size_bytes=10)
    consumer.get("a")
    consumer.begin()
    credit = consumer.holding.reopened()
    assert (credit.deliveries, credit.bytes) == (1, 1)


async def test_an_answer_to_nothing_changes_nothing() -> None:
    consumer = Consumer()
    consumer.hear("x", lost="y")
    assert consumer.lost == []
