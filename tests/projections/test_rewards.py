from typing import Any

from journey.v1.interactions_pb2 import (
    CHANNEL_STORE,
    CHANNEL_WEB,
    Money,
    OfferEnded,
    OfferGranted,
    OfferRedeemed,
    PointsPosted,
)
from journey.v1.journeys_pb2 import RewardOfferState, RewardOfferStatus
from projections import thresholds
from tests.projections.acts import clock
from tests.projections.machines import DUPLICATE, TAKEN, Told

REWARDS = "rewards/main"
FROM, UNTIL = clock("19:00"), clock("21:00")


def granted(offer_id: str = "ten", uses: int = 1, **more: Any) -> OfferGranted:
    return OfferGranted(
        offer_id=offer_id, uses=uses, valid_from_ms=FROM, valid_until_ms=UNTIL, **more
    )


def redeemed(order_id: str, offer_id: str = "ten") -> OfferRedeemed:
    return OfferRedeemed(offer_id=offer_id, order_id=order_id)


def withdrawn(offer_id: str = "ten", reason: str = "WITHDRAWN") -> OfferEnded:
    return OfferEnded(offer_id=offer_id, reason=f"REASON_{reason}")


def points(entry_id: str, number: int, tier: str = "") -> PointsPosted:
    return PointsPosted(entry_id=entry_id, points=number, tier=tier)


def rewards(*bodies: Any) -> Told:
    told = Told(REWARDS)
    told.takes(*bodies)
    return told


def offer(told: Told) -> RewardOfferState:
    (found,) = told.journey.rewards.offers
    return found


def status(told: Told) -> str:
    name = RewardOfferStatus.Name(offer(told).status)
    return name.removeprefix("REWARD_OFFER_STATUS_")


def test_the_balance_is_the_sum_over_distinct_entries() -> None:
    told = rewards(points("e1", 100), points("e2", -30), points("e3", 5))
    assert told.tell(points("e1", 100)) == DUPLICATE
    assert told.tell(points("e1", 99)) == "KEY_TAKEN"
    assert told.journey.rewards.balance == 75


def test_a_balance_may_be_below_zero() -> None:
    assert rewards(points("e1", -5)).journey.rewards.balance == -5


def test_the_tier_is_the_one_last_told() -> None:
    told = rewards(points("e1", 1, "silver"), points("e2", 1, "gold"), points("e3", 1))
    assert told.journey.rewards.tier == "gold"


def test_an_offer_is_used_as_often_as_it_was_granted() -> None:
    told = rewards(granted(uses=2))
    assert (offer(told).uses_left, status(told)) == (2, "OPEN")
    told.takes(redeemed("o1"), redeemed("o2"))
    assert (offer(told).uses_left, status(told)) == (0, "SPENT")
    assert told.tell(redeemed("o3")) == "OFFER_SPENT"


def test_an_offer_is_used_once_for_an_order() -> None:
    told = rewards(granted(uses=2), redeemed("o1"))
    assert told.tell(redeemed("o1")) == DUPLICATE
    assert offer(told).uses_left == 1


def test_an_offer_that_nobody_granted_is_not_valid() -> None:
    assert rewards().tell(redeemed("o1")) == "OFFER_NOT_VALID"


def test_an_offer_is_valid_from_its_first_moment_to_its_last() -> None:
    told = rewards(granted(uses=5))
    found = [told.tell(redeemed(f"o{at}"), at) for at in (FROM - 1, FROM, UNTIL, UNTIL + 1)]
    assert found == ["OFFER_NOT_VALID", TAKEN, TAKEN, "OFFER_NOT_VALID"]


def test_an_offer_is_valid_on_its_channels_alone() -> None:
    told = rewards(granted(uses=2, channels=[CHANNEL_STORE]))
    assert told.tell(redeemed("o1"), channel=CHANNEL_WEB) == "OFFER_NOT_VALID"
    assert told.tell(redeemed("o1"), channel=CHANNEL_STORE) == TAKEN


def test_an_offer_that_ended_is_not_valid_and_ends_once() -> None:
    told = rewards(granted(), withdrawn())
    assert status(told) == "WITHDRAWN"
    assert told.tell(redeemed("o1")) == "OFFER_NOT_VALID"
    assert told.tell(withdrawn()) == "STATE_CONFLICT"
    assert told.tell(withdrawn("unknown")) == "STATE_CONFLICT"
    assert status(rewards(granted(), withdrawn(reason="EXPIRED"))) == "EXPIRED"


def test_an_offer_tells_what_was_granted() -> None:
    told = rewards(
        granted(
            promotion_id="p", title="Ten off", amount=Money(currency="EUR", units=10), skus=["a"]
        )
    )
    found = offer(told)
    assert (found.promotion_id, found.title, found.amount.units) == ("p", "Ten off", 10)
    assert ([*found.skus], found.valid_from_ms, found.valid_until_ms) == (["a"], FROM, UNTIL)
    assert offer(rewards(granted(share_ppm=50_000))).share_ppm == 50_000


def test_rewards_are_never_finished_and_not_listed() -> None:
    told = rewards(granted(), points("e1", 1))
    assert not told.journey.finished
    assert told.story.continue_list(clock("21:00")) == []


def test_of_too_many_offers_those_granted_last_are_shown() -> None:
    told = Told(REWARDS)
    most = thresholds.ENTRIES_MOST
    for number in range(most + 1):
        event = told.shop.record(REWARDS, granted(f"o{number:04}"), clock("20:00"))
        event.machine.home, event.machine.rev = "anna", number + 1
    state = told.journey.rewards
    assert (len(state.offers), state.offers[0].offer_id, state.more) == (most, "o0001", True)


def test_a_use_that_was_told_in_two_homes_counts_once() -> None:
    told = rewards(granted(uses=3), redeemed("o1"))
    event = told.asked(redeemed("o1"), "20:30")
    event.machine.home, event.machine.rev = "other", 1
    told.story.events.append(event)
    assert offer(told).uses_left == 2
