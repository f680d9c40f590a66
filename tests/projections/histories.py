"""Histories as Hypothesis draws them: customers of several streams, devices offline and online.

Times are few and close together, so that ties, overlaps and late arrivals are the rule; cuts are
anything an event may claim to have seen, so that observation is independent of arrival.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, lru_cache
from typing import TypeVar

from google.protobuf.message import Message
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from journey.v1.events_pb2 import (
    Actor,
    ActorKind,
    Cut,
    Event,
    Occurrence,
    Outcome,
    StreamVersion,
)
from journey.v1.interactions_pb2 import PageViewed
from journey_service.domain.catalogue import TYPES
from tests.projections.acts import FIELDS, MIDNIGHT_MS, interaction
from tests.projections.bodies import (
    BOOKING_BODIES,
    BROWSE_BODIES,
    CART_BODIES,
    CHECKOUT_BODIES,
    CONVERSATION_BODIES,
    CUSTOM_BODIES,
    FORM_BODIES,
    LIST_BODIES,
    MARKS,
    MEDIA_BODIES,
    ORDER_BODIES,
    PLACED,
    PREFERENCE_BODIES,
    READING_BODIES,
    REWARDS_BODIES,
    SEARCH_BODIES,
    SERIES_BODIES,
    few,
)

Test = TypeVar("Test", bound=Callable[..., None])
SUBJECTS = ("anna", "visitor")
INSTALLATIONS = ("phone", "tv", "laptop", "")


def examples(most: int) -> Callable[[Test], Test]:
    """So many histories a run; JOURNEY_TEST_EXAMPLES=20 tries twenty times as many.

    Nothing is timed, because the machine may have other things to do.
    """
    times = int(os.environ.get("JOURNEY_TEST_EXAMPLES", "1"))
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=most * times, deadline=None, suppress_health_check=slow)


# Journey and body of an act, by kind of journey that it is about.
ACTS: dict[str, st.SearchStrategy[tuple[str, Message]]] = {
    "media": st.tuples(few("media/film"), st.one_of(MEDIA_BODIES, MEDIA_BODIES, MARKS)),
    "cart": st.one_of(
        st.tuples(few("cart/", "cart/main"), st.one_of(CART_BODIES, CART_BODIES, MARKS)),
        st.tuples(few("checkout/c1", "checkout/c2"), CHECKOUT_BODIES),
        st.tuples(few("order/o1", "order/o2"), ORDER_BODIES),
    ),
    "checkout": st.one_of(
        st.tuples(few("checkout/c1", "checkout/c2"), st.one_of(CHECKOUT_BODIES, MARKS)),
        st.tuples(few("order/o1"), PLACED),
    ),
    "form": st.tuples(few("form/f"), st.one_of(FORM_BODIES, FORM_BODIES, MARKS)),
    "conversation": st.one_of(
        st.tuples(
            few("conversation/t"), st.one_of(CONVERSATION_BODIES, CONVERSATION_BODIES, MARKS)
        ),
        st.tuples(
            few("conversation/t"), st.one_of(CONVERSATION_BODIES, CONVERSATION_BODIES, MARKS)
        ),
        st.tuples(few("order/o1", "order/o2"), PLACED),
    ),
    "order": st.tuples(few("order/o1"), st.one_of(ORDER_BODIES, ORDER_BODIES, MARKS)),
    "rewards": st.tuples(few("rewards/", "rewards/main"), REWARDS_BODIES),
    "booking": st.tuples(few("booking/b"), BOOKING_BODIES),
    "list": st.tuples(few("list/wish", "list/compare"), st.one_of(LIST_BODIES, LIST_BODIES, MARKS)),
    "series": st.one_of(
        st.tuples(few("series/all", "series/both"), st.one_of(SERIES_BODIES, SERIES_BODIES, MARKS)),
        st.tuples(few("media/film", "media/e2"), st.one_of(MEDIA_BODIES, MARKS)),
        st.tuples(few("reading/book"), READING_BODIES),
    ),
    "reading": st.tuples(few("reading/book"), st.one_of(READING_BODIES, READING_BODIES, MARKS)),
    "search": st.tuples(few("search/", "search/main", "search/s"), st.one_of(SEARCH_BODIES, MARKS)),
    "preferences": st.tuples(few("preferences/"), st.one_of(PREFERENCE_BODIES, MARKS)),
    "browse": st.tuples(few("browse/"), st.one_of(BROWSE_BODIES, MARKS)),
    "custom": st.tuples(few("quest/q", "pet/p"), st.one_of(CUSTOM_BODIES, CUSTOM_BODIES, MARKS)),
}
ALL_ACTS = st.one_of(*ACTS.values(), st.just(("", PageViewed(url="https://shop.example/"))))


# Made once: to make a strategy, and to check it, takes longer than to draw from it.
_few = lru_cache(maxsize=None, typed=True)(few)


# --- histories -----------------------------------------------------------------------------------


@st.composite
def histories(
    draw: st.DrawFn,
    acts: st.SearchStrategy[tuple[str, Message]] = ALL_ACTS,
    most: int = 10,
    least: int = 1,
) -> list[Event]:
    """Events of a customer's streams, versions dense in each, in an order of arrival."""
    events: list[Event] = []
    versions = dict.fromkeys(SUBJECTS, 0)
    seqs: dict[tuple[str, str], int] = {}
    for journey, body in draw(st.lists(acts, min_size=least, max_size=most)):
        subject_id = draw(_few(*SUBJECTS, SUBJECTS[0]))
        versions[subject_id] += 1
        installation_id = draw(_few(*INSTALLATIONS))
        owner = (installation_id, subject_id)
        seqs[owner] = seqs.get(owner, 0) + 1
        seq = seqs[owner] if installation_id else versions[subject_id]
        occurrence = Occurrence(
            t_ms=MIDNIGHT_MS + draw(st.integers(0, 5)) * 30_000,
            counter=draw(_few(0, 0, 1)),
            installation_id=installation_id,
            seq=seq,
        )
        place = (subject_id, versions[subject_id])
        events.append(_recorded(draw, journey, body, place, occurrence, most))
    return events


def _recorded(
    draw: st.DrawFn,
    journey: str,
    body: Message,
    place: tuple[str, int],
    occurrence: Occurrence,
    most: int,
) -> Event:
    """An event as the journal gives it back; most are accepted and made by the customer."""
    name = FIELDS[body.DESCRIPTOR.full_name]
    subject_id, version = place
    event = Event(
        subject_id=subject_id,
        version=version,
        outcome=draw(_few(*[Outcome.OUTCOME_ACCEPTED] * 8, *Outcome.values())),
        occurrence=occurrence,
        interaction=interaction(journey, body),
        actor=Actor(kind=draw(_few(*[ActorKind.ACTOR_KIND_CUSTOMER] * 3, *ActorKind.values()))),
        lease_stale=TYPES[name].telemetry and draw(_few(False, False, True)),
    )
    event.interaction.channel = draw(_few(0, 1, 2, 99))
    if TYPES[name].machine and (rev := draw(st.integers(0, most))):
        # Any rev, also one that was given twice: what was accepted decides, not how it came about.
        event.machine.home, event.machine.rev = draw(_few(*SUBJECTS)), rev
    if not TYPES[name].telemetry:
        event.cut.CopyFrom(_cut(draw, occurrence, most))
    return event


@cache
def _versions(most: int) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(few(*SUBJECTS), st.integers(0, most), max_size=2)


def _cut(draw: st.DrawFn, occurrence: Occurrence, most: int) -> Cut:
    seen = draw(_versions(most))
    cut = Cut(versions=[StreamVersion(subject_id=s, version=v) for s, v in sorted(seen.items())])
    if draw(st.booleans()):
        cut.installation_id = occurrence.installation_id
        cut.before.CopyFrom(occurrence)
    return cut
