"""Which events a filter keeps, and when two filters are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.v1.events_pb2 import (
    ACTOR_KIND_CUSTOMER,
    ACTOR_KIND_STAFF,
    OUTCOME_ACCEPTED,
    OUTCOME_QUARANTINED,
    OUTCOME_REJECTED,
    Actor,
    Event,
    Outcome,
)
from journey.v1.interactions_pb2 import CHANNEL_STORE, CHANNEL_WEB, Interaction
from journey.v1.reading_pb2 import EventFilter
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.event_filter import filter_fingerprint, keeps

CART = JourneyRef(kind="cart", journey_id="main")
LIST = JourneyRef(kind="list", journey_id="wish")


def event(
    type_: str = "cart.line_added",
    *,
    journey: JourneyRef = CART,
    outcome: Outcome = OUTCOME_ACCEPTED,
) -> Event:
    """Of a customer on the web."""
    interaction = Interaction(journey=journey, channel=CHANNEL_WEB)
    actor = Actor(kind=ACTOR_KIND_CUSTOMER)
    return Event(type=type_, outcome=outcome, interaction=interaction, actor=actor)


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (EventFilter(), True),
        (EventFilter(types=["cart.line_added"]), True),
        (EventFilter(types=["media.played", "cart.*"]), True),
        (EventFilter(types=["cart.line"]), False),
        (EventFilter(types=["car.*"]), False),
        (EventFilter(kinds=["list", "cart"]), True),
        (EventFilter(kinds=["list"]), False),
        (EventFilter(journeys=[CART]), True),
        (EventFilter(journeys=[LIST]), False),
        (EventFilter(channels=[CHANNEL_WEB]), True),
        (EventFilter(channels=[CHANNEL_STORE]), False),
        (EventFilter(actors=[ACTOR_KIND_CUSTOMER]), True),
        (EventFilter(actors=[ACTOR_KIND_STAFF]), False),
        (EventFilter(outcomes=[OUTCOME_REJECTED]), False),
        (EventFilter(exclude_telemetry=True), True),
        (EventFilter(kinds=["cart"], channels=[CHANNEL_STORE]), False),
    ],
)
def test_all_parts_that_are_set_must_fit(wanted: EventFilter, kept: bool) -> None:
    assert keeps(wanted)(event()) is kept


def test_what_was_not_accepted_comes_only_when_asked_for() -> None:
    late = event(outcome=OUTCOME_QUARANTINED)
    assert not keeps(EventFilter())(late)
    assert keeps(EventFilter(outcomes=[OUTCOME_QUARANTINED]))(late)


def test_what_apps_report_by_themselves_may_be_left_out() -> None:
    reported = event("media.progressed")
    reported.interaction.media_progressed.point_ms = 1
    assert keeps(EventFilter())(reported)
    assert not keeps(EventFilter(exclude_telemetry=True))(reported)


names = st.lists(st.sampled_from(["cart", "list", "media", "types 1", "kinds"]), max_size=3)
filters = st.builds(
    EventFilter,
    types=names,
    kinds=names,
    journeys=st.lists(st.sampled_from([CART, LIST]), max_size=2),
    channels=st.lists(st.sampled_from([CHANNEL_WEB, CHANNEL_STORE]), max_size=2),
    outcomes=st.lists(st.sampled_from([OUTCOME_ACCEPTED, OUTCOME_REJECTED]), max_size=2),
    actors=st.lists(st.sampled_from([ACTOR_KIND_CUSTOMER, ACTOR_KIND_STAFF]), max_size=2),
    exclude_telemetry=st.booleans(),
)


def meaning(wanted: EventFilter) -> tuple[object, ...]:
    """What a filter says, however it is written."""
    return (
        frozenset(wanted.types),
        frozenset(wanted.kinds),
        frozenset((ref.kind, ref.journey_id) for ref in wanted.journeys),
        frozenset(wanted.channels),
        frozenset(wanted.outcomes) or frozenset({OUTCOME_ACCEPTED}),
        frozenset(wanted.actors),
        wanted.exclude_telemetry,
    )


@given(one=filters, other=filters)
def test_fingerprints_are_equal_where_filters_mean_the_same(
    one: EventFilter, other: EventFilter
) -> None:
    same = meaning(one) == meaning(other)
    assert (filter_fingerprint(one) == filter_fingerprint(other)) is same


def test_a_filter_that_is_not_set_has_none() -> None:
    assert filter_fingerprint(EventFilter()) == 0
    assert filter_fingerprint(EventFilter(outcomes=[OUTCOME_ACCEPTED])) == 0
    assert filter_fingerprint(EventFilter(outcomes=[OUTCOME_REJECTED])) != 0
