"""Points and offers: what back ends and tills posted, each entry and each use once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from journey.v1 import errors_pb2 as reasons
from journey.v1.errors_pb2 import ErrorReason
from journey.v1.folds_pb2 import JourneyFold, Machine, RewardsFold
from journey.v1.interactions_pb2 import OfferEnded, OfferGranted
from journey.v1.journeys_pb2 import Journey, RewardOfferState, RewardOfferStatus
from projections import thresholds
from projections.fold import GREATEST_INT64, Order, sum_of_entries
from projections.machines import Step, join_steps, stepped, steps_of
from projections.projection import Act, JourneyKind, MachineRule, Read, activity_by_intent
from projections.published import keep_newest

BODIES = frozenset({"offer_granted", "offer_redeemed", "offer_ended", "points_posted"})
OPEN = RewardOfferStatus.REWARD_OFFER_STATUS_OPEN
SPENT = RewardOfferStatus.REWARD_OFFER_STATUS_SPENT
# How an offer stands that was ended.
ENDED: Mapping[int, RewardOfferStatus] = {
    OfferEnded.REASON_EXPIRED: RewardOfferStatus.REWARD_OFFER_STATUS_EXPIRED,
    OfferEnded.REASON_WITHDRAWN: RewardOfferStatus.REWARD_OFFER_STATUS_WITHDRAWN,
}


@dataclass(slots=True)
class Offer:
    """One grant: what was granted, how often it was used, and how it ended, if it did."""

    step: Step
    used: int = 0
    ended: RewardOfferStatus | None = None

    @property
    def granted(self) -> OfferGranted:
        """What was granted."""
        granted: OfferGranted = self.step.body
        return granted

    @property
    def uses_left(self) -> int:
        """How often it can still be used."""
        return max(0, self.granted.uses - self.used)

    @property
    def status(self) -> RewardOfferStatus:
        """How it stands; whether its time is over is for the reader to say."""
        if self.ended is not None:
            return self.ended
        return OPEN if self.uses_left else SPENT

    def holds(self, at_ms: int, channel: int) -> bool:
        """Whether it can be used at that time and there."""
        granted = self.granted
        in_time = granted.valid_from_ms <= at_ms <= granted.valid_until_ms
        return in_time and (not granted.channels or channel in granted.channels)


def offers_of(machine: Machine) -> dict[str, Offer]:
    """Offers by id, in the order in which they were granted; a use counts once per order."""
    offers: dict[str, Offer] = {}
    uses: set[tuple[str, str]] = set()
    steps = [*steps_of(machine)]
    for step in steps:
        if step.name == "offer_granted":
            offers.setdefault(step.body.offer_id, Offer(step))
    for step in steps:
        offer = offers.get(step.body.offer_id) if step.name in _ON_OFFERS else None
        if offer is None:
            continue
        if step.name == "offer_ended":
            offer.ended = ENDED.get(step.body.reason, RewardOfferStatus.REWARD_OFFER_STATUS_EXPIRED)
        elif (use := (step.body.offer_id, step.body.order_id)) not in uses:
            uses.add(use)
            offer.used += 1
    return offers


_ON_OFFERS = frozenset({"offer_redeemed", "offer_ended"})


# --- rule ----------------------------------------------------------------------------------------


def forbidden(rewards: RewardsFold, act: Act, _read: Read) -> ErrorReason | None:
    """An offer is used as often as it was granted, and where and when it holds."""
    if act.name not in _ON_OFFERS:
        return None
    offer = offers_of(rewards.machine).get(act.body.offer_id)
    if act.name == "offer_ended":
        over = offer is None or offer.ended is not None
        return reasons.ERROR_REASON_STATE_CONFLICT if over else None
    if offer is None or offer.ended is not None:
        return reasons.ERROR_REASON_OFFER_NOT_VALID
    if not offer.holds(act.event.occurrence.t_ms, act.event.interaction.channel):
        return reasons.ERROR_REASON_OFFER_NOT_VALID
    return None if offer.uses_left else reasons.ERROR_REASON_OFFER_SPENT


# --- published state -----------------------------------------------------------------------------


def publish(fold: JourneyFold, journey: Journey) -> Order | None:
    """Fill `journey.rewards`; returns the activity."""
    machine, state = fold.rewards.machine, journey.rewards
    state.balance = max(-GREATEST_INT64, min(sum_of_entries(machine), GREATEST_INT64))
    for step in steps_of(machine):
        if step.name == "points_posted":
            state.tier = step.body.tier or state.tier
    offers = [*offers_of(machine).values()]
    state.offers.extend(map(_published, offers[-thresholds.ENTRIES_MOST :]))
    cut = keep_newest(state.offers, lambda index: index)
    state.more = cut or len(offers) > thresholds.ENTRIES_MOST
    state.offers.sort(key=lambda offer: offer.offer_id)
    return activity_by_intent(fold)


def _published(offer: Offer) -> RewardOfferState:
    granted = offer.granted
    state = RewardOfferState(
        offer_id=granted.offer_id,
        promotion_id=granted.promotion_id,
        title=granted.title,
        skus=granted.skus,
        channels=granted.channels,
        valid_from_ms=granted.valid_from_ms,
        valid_until_ms=granted.valid_until_ms,
        uses_left=offer.uses_left,
        status=offer.status,
    )
    if granted.HasField("amount"):
        state.amount.CopyFrom(granted.amount)
    elif granted.HasField("share_ppm"):
        state.share_ppm = granted.share_ppm
    return state


REWARDS = JourneyKind(
    name="rewards",
    folds=dict.fromkeys(BODIES, stepped),
    merge=join_steps,
    publish=publish,
    listed=lambda _: False,
    archive_after_ms=lambda _: thresholds.ARCHIVE_AFTER_MS,
    rule=MachineRule(judged=BODIES, forbidden=forbidden),
)
