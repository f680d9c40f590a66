"""Journeys that are asked before something is recorded: what the append needs of their rules.

Some things may happen once: an offer is spent, a parcel collected, an order cancelled. Whether they
may is decided on the exact state of their journey. What the rules are is the business of the kinds
of journeys; here stands only how they are asked.

    read once, under the lock ──▶ Journeys ──▶ per interaction: ended? → rev? → forbidden? → record
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from journey.v1 import errors_pb2 as reasons
from journey.v1.errors_pb2 import ErrorReason
from journey.v1.events_pb2 import Cut, Event
from journey.v1.interactions_pb2 import Interaction
from journey.v1.journeys_pb2 import Journey
from journey_service.domain.batch import Candidate

# Refusals by the rules of a journey: their answers show it as it stands.
REASONS = frozenset(
    {
        reasons.ERROR_REASON_REV_MISMATCH,
        reasons.ERROR_REASON_JOURNEY_CLOSED,
        reasons.ERROR_REASON_STATE_CONFLICT,
        reasons.ERROR_REASON_CART_CHANGED,
        reasons.ERROR_REASON_OFFER_SPENT,
        reasons.ERROR_REASON_OFFER_NOT_VALID,
        reasons.ERROR_REASON_COLLECT_CODE_WRONG,
        reasons.ERROR_REASON_KEY_TAKEN,
    }
)


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a journey does not take an event.

    `same_as`: version of the accepted event that said the same under the same key, whose answer
    it gets; 0 = none.
    """

    reason: ErrorReason
    same_as: int = 0


class Journeys(Protocol):
    """Journeys of one stream as they stand while a batch is decided. Those that rules ask for are
    exact; of others nothing is known."""

    def branch(self) -> Journeys:
        """The same to go on with, while it is open whether the batch is written."""

    def join(self, states: Mapping[str, bytes]) -> None:
        """Take in what other subjects of the customer have of these journeys, by key."""

    def ended(self, event: Event) -> Objection | None:
        """Whether its key is known (KEY_TAKEN) or its journey is over (JOURNEY_CLOSED).

        `event` is the event as it would be recorded.
        """

    def forbidden(self, event: Event) -> Objection | None:
        """Whether the rule of its journey forbids it as the journey stands."""

    def cut_for(self, event: Event) -> Cut | None:
        """The cut that the event takes over from a journey it names: an order that of its submit.
        None: it has none."""

    def record(self, event: Event) -> None:
        """Go on from an accepted event."""

    def current(self, interaction: Interaction, reason: ErrorReason) -> Journey | None:
        """The journey that refused, as it stands; None where no rule was asked."""


class Rules(Protocol):
    """The rules of all kinds."""

    @property
    def projection(self) -> str:
        """Name of the projection on whose states they are decided."""

    @property
    def version(self) -> int:
        """Of its fold: states of another version are not read."""

    @property
    def topics(self) -> Collection[str]:
        """Types of the events to which these states react."""

    def asked(self, candidates: Iterable[Candidate]) -> frozenset[str]:
        """Keys, "kind/journey_id", of the journeys that must be read to judge these; "kind/" means
        all of a kind. None for all that no rule concerns, which must cost nothing."""

    def open(
        self, asked: Collection[str], states: Mapping[str, bytes], tail: Iterable[Event]
    ) -> Journeys:
        """The journeys asked for: their stored states, and the events behind them."""
