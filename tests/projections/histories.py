"""Histories as Hypothesis draws them: customers of several streams, devices offline and online.

Times are few and close together, so that ties, overlaps and late arrivals are the rule; cuts are
anything an event may claim to have seen, so that observation is independent of arrival.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

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
from journey.v1.interactions_pb2 import (
    Attachment,
    BookingChanged,
    CallReported,
    CartCouponSet,
    CartFulfilmentSet,
    CartLineAdded,
    CartLineLimitSet,
    CartLineQuantitySet,
    CartLineRemoved,
    CartMerged,
    CheckoutRefused,
    CheckoutStarted,
    CheckoutSubmitted,
    ConversationChannelSwitched,
    ConversationMessageAdded,
    ConversationRead,
    ConversationStarted,
    ConversationStatusSet,
    Custom,
    DeliveryUpdated,
    FormSubmitted,
    Fulfilment,
    InputSaved,
    InputValue,
    JourneyMarked,
    Line,
    ListItemAdded,
    ListItemRemoved,
    MediaPaused,
    MediaPlayed,
    MediaProgressed,
    MediaSeeked,
    MediaStopped,
    MediaTracksSet,
    Money,
    OfferEnded,
    OfferGranted,
    OfferRedeemed,
    OrderCancelled,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    PageViewed,
    PickupCollected,
    PickupUpdated,
    PointsPosted,
    PreferenceSet,
    Product,
    ProductViewed,
    QuoteAnswered,
    QuoteGiven,
    ReadingBookmarkChanged,
    ReadingPositionSet,
    ReturnReceived,
    ReturnRequested,
    SearchFilter,
    SearchPerformed,
    SeriesMember,
    SeriesUpdated,
    StepEntered,
    Store,
)
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.catalogue import TYPES
from tests.projections.acts import FIELDS, MIDNIGHT_MS, interaction

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


def few(*values: Any) -> st.SearchStrategy[Any]:
    """One of a few values."""
    return st.sampled_from(values)


def _made(make: Any, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Messages of this type; their constructors do not tell Hypothesis what they take."""
    return st.fixed_dictionaries(fields).map(lambda given: make(**given))


# --- bodies --------------------------------------------------------------------------------------

POINTS = few(0, 4_000, 60_000, 600_000, 3_400_000, 3_590_000, 3_600_000)
RUN: dict[str, st.SearchStrategy[Any]] = {
    "run_id": few("run-a", "run-b", "run-c", "run-d", ""),
    "run_start_ms": few(0, 0, 60_000, 600_000),
    "opened_by": few(0, 1, 1, 2, 3),
    "point_ms": POINTS,
    "speed": few(0, 1_000, 2_000),
}
INTENT = RUN | {"duration_ms": few(0, 3_600_000, 3_600_001)}

MEDIA_BODIES = st.one_of(
    _made(
        MediaPlayed,
        **INTENT,
        credits_at_ms=few(0, 3_300_000, 9_000_000),
        format=few(0, 1, 3, 99),
        group_id=few("", "title"),
        series_id=few("", "series"),
    ),
    _made(MediaProgressed, **RUN),
    _made(MediaProgressed, **RUN),
    _made(MediaPaused, **INTENT),
    _made(MediaSeeked, **INTENT),
    _made(MediaStopped, **INTENT, reason=few(1, 2, 4)),
    _made(MediaTracksSet, audio_language=few("", "de"), subtitle_language=few("und"), speed=few(0)),
)

LINES = _made(
    Line,
    line_key=few("", "key"),
    product=st.one_of(st.none(), _made(Product, sku=few("a", "b"), name=few("", "A", "B"))),
    quantity=st.integers(-2, 4),
    unit=few("", "GRM"),
    unit_price=st.one_of(st.none(), _made(Money, currency=few("EUR"), units=st.integers(1, 3))),
    options=few({}, {"size": "M", "colour": "red"}, {"colour": "red", "size": "M"}, {"size": "L"}),
)
LINE_KEYS = few("a", "b", "key", "a;size=L")
CART_BODIES = st.one_of(
    _made(CartLineAdded, line=LINES, added_from=few(None, JourneyRef(kind="list"))),
    _made(CartLineAdded, line=LINES),
    _made(CartLineQuantitySet, line=LINES),
    _made(CartLineRemoved, line_key=LINE_KEYS),
    _made(CartLineLimitSet, line_key=LINE_KEYS, max_quantity=few(None, 0, 1, 2)),
    _made(CartCouponSet, code=few("X", "Y"), status=few(1, 2, 4, 99), discount=few(None, Money())),
    _made(CartFulfilmentSet, method=few(1, 2, 99), store=few(None, Store(store_id="s"))),
    _made(CartMerged, link_id=few("link"), lines=st.lists(LINES, max_size=3)),
    _made(
        InputSaved,
        fields=few(
            {"note": InputValue(text="ring twice")},
            {"note": InputValue(cleared=True)},
            {"other": InputValue(text="x")},
        ),
    ),
)
SAVED = few(
    {"name": InputValue(text="Anna")},
    {"name": InputValue(text="Ann"), "payment_ref": InputValue(text="p")},
    {"name": InputValue(cleared=True), "error.name": InputValue(text="too short")},
    {"error.name": InputValue(cleared=True), "draft": InputValue(text="d")},
)
STEPS = _made(StepEntered, step=few("address", "pay"), step_no=few(0, 1, 2))
CHECKOUT_BODIES = st.one_of(
    _made(CheckoutStarted, cart_id=few("main", "other")),
    _made(CheckoutSubmitted, attempt=st.integers(1, 3)),
    _made(CheckoutRefused, attempt=st.integers(1, 3), reason=few(0, 1, 99), detail=few("", "d")),
    _made(InputSaved, fields=SAVED),
    STEPS,
)
FORM_BODIES = st.one_of(
    _made(InputSaved, attempt=st.integers(0, 3), fields=SAVED),
    _made(InputSaved, attempt=st.integers(0, 3), fields=SAVED),
    _made(FormSubmitted, attempt=st.integers(0, 3), answers=few({}, {"name": "A"}, {"b": "c"})),
    STEPS,
)

MONEY = _made(Money, currency=few("EUR", "USD"), units=few(-1, 2), nanos=few(0, 999_999_999))
SHOPS = st.one_of(st.none(), _made(Store, store_id=few("s", "t")))
UNITS = st.lists(LINES, max_size=2)
OFFERED = few("x", "y")
PLACED = _made(
    OrderPlaced,
    lines=UNITS,
    total=MONEY,
    discount=st.one_of(st.none(), MONEY),
    fulfilment=few(None, Fulfilment(method="FULFILMENT_METHOD_PICKUP")),
    store=SHOPS,
    cart_id=few("", "main", "other"),
    checkout_id=few("", "c1", "c2"),
    attempt=st.integers(0, 3),
)
ORDER_BODIES = st.one_of(
    PLACED,
    PLACED,
    _made(OrderPaid, payment_ref=few("p", "q"), amount=MONEY),
    _made(OrderCancelled, lines=UNITS),
    _made(
        PickupUpdated,
        store=SHOPS,
        lines=UNITS,
        status=few(0, 1, 2, 3, 99),
        collect_code=few("", "c"),
        expires_at_ms=few(0, 5),
    ),
    _made(PickupCollected, store=SHOPS, lines=UNITS, collect_code=few("", "c")),
    _made(DeliveryUpdated, lines=UNITS, status=few(0, 1, 2, 3, 4, 99), carrier=few("", "post")),
    _made(ReturnRequested, return_id=few("r", "s"), lines=UNITS),
    _made(ReturnReceived, return_id=few("r", "s"), lines=UNITS, store=SHOPS),
    _made(OrderRefunded, return_id=few("", "r"), lines=UNITS, amount=MONEY, payment_ref=few("p")),
)
REWARDS_BODIES = st.one_of(
    _made(OfferGranted, offer_id=OFFERED, uses=few(0, 1, 2), amount=MONEY),
    _made(OfferGranted, offer_id=OFFERED, uses=few(1), share_ppm=few(5), channels=few([], [1])),
    _made(OfferRedeemed, offer_id=OFFERED, order_id=few("o1", "o2")),
    _made(OfferEnded, offer_id=OFFERED, reason=few(0, 1, 2, 99)),
    _made(PointsPosted, entry_id=OFFERED, points=few(-3, 5, 10**9), tier=few("", "gold")),
)
BOOKING_BODIES = _made(
    BookingChanged,
    status=few(0, 1, 2, 3, 4, 5, 6, 99),
    slot_start_ms=few(0, 7),
    store=SHOPS,
    party=few(0, 2),
)
MESSAGES = st.one_of(
    _made(ConversationMessageAdded, message_id=few("m", "n", "o"), text=few("hello", "there")),
    _made(ConversationMessageAdded, message_id=few("p", "q"), text_ref=few("r"), order_id=few("o")),
    _made(ConversationMessageAdded, message_id=few("s"), attachments=few([], [Attachment()])),
)
CONVERSATION_BODIES = st.one_of(
    MESSAGES,
    MESSAGES,
    _made(ConversationStarted, topic=few("", "t"), offer_id=few("", "x"), order_id=few("", "o")),
    _made(ConversationRead, up_to_no=few(0, 1, 3, 2**64 - 1), marked_unread=few(True, False)),
    _made(ConversationChannelSwitched, mode=few(0, 1, 2, 99), summary=few("", "so far")),
    _made(ConversationStatusSet, status=few(0, 1, 2, 4, 99), assignee=few("", "eve")),
    _made(CallReported, call_id=few("c")),
    _made(QuoteGiven, quote_id=OFFERED, total=MONEY, valid_until_ms=few(0, 2**60)),
    _made(QuoteAnswered, quote_id=OFFERED, answer=few(0, 1, 2, 3, 99)),
    _made(InputSaved, fields=SAVED),
)

ITEM = {
    "item_key": few("", "a", "c"),
    "note": few("", "n", "m"),
    "order_key": few("", "1", "2"),
}
LIST_BODIES = st.one_of(
    _made(ListItemAdded, product=_made(Product, sku=few("a", "b")), **ITEM),
    _made(ListItemAdded, content_id=few("c"), **ITEM),
    _made(ListItemAdded, search_id=few("d"), **ITEM),
    _made(ListItemAdded, item_key=few("a")),
    _made(ListItemRemoved, item_key=few("a", "b", "c", "d")),
)
MARKS = _made(JourneyMarked, mark=few(0, 1, 2, 3, 99))

EPISODES = few(
    *[JourneyRef(kind="media", journey_id=name) for name in ("film", "e2", "")],
    JourneyRef(kind="reading", journey_id="book"),
    JourneyRef(kind="series", journey_id="all"),
)
SERIES_BODIES = _made(
    SeriesUpdated,
    members=st.lists(
        _made(SeriesMember, journey=EPISODES, order_key=few("", "1", "2")), max_size=3
    ),
    next=st.one_of(st.none(), EPISODES),
)
READING_BODIES = st.one_of(
    _made(
        ReadingPositionSet,
        locator=few("page 1", "page 2"),
        progress_ppm=few(-1, 0, 400_000, 990_000),
        restart=few(False, False, True),
    ),
    _made(
        ReadingBookmarkChanged,
        bookmark_id=few("", "b", "c"),
        locator=few("page 1", "page 2"),
        text=few("", "here"),
        removed=few(False, False, True),
    ),
)
SEARCH_BODIES = _made(
    SearchPerformed,
    query=few("", "shoes"),
    filters=st.lists(_made(SearchFilter, name=few("size"), values=few(["M"], [])), max_size=2),
    sort=few("", "price"),
    result_count=few(None, 0, 7),
    anchor=few("", "sku"),
)
PREFERENCE_BODIES = _made(
    PreferenceSet, key=few("", "a", "b"), value=few("", "x", "y"), source=few(0, 1, 1, 2, 99)
)
BROWSE_BODIES = _made(
    ProductViewed,
    product=st.one_of(st.none(), _made(Product, sku=few("", "a", "b"), name=few("", "A"))),
    unit_price=st.one_of(st.none(), _made(Money, currency=few("EUR"), units=few(1, 2))),
    availability=few(0, 1, 2, 99),
)
CUSTOM_BODIES = _made(
    Custom,
    name=few("quest.moved"),
    interaction_class=few(0, 1, 2, 99),
    json=few(
        "",
        "[1]",
        '{"stage": "garden", "level": 3}',
        '{"stage": {"room": 1.5}, "level": -4}',
        '{"stage": null, "level": true}',
        '{"badges": {"add": ["a", "b", 7]}, "coins": {"add": 5}}',
        '{"badges": {"remove": ["a"], "add": ["c"]}, "coins": {"set": 2}}',
        '{"badges": {"remove": ["b"]}, "coins": {"add": -3}}',
        '{"badges": {}, "coins": {"add": "x"}}',
        '{"\\ud800": 1, "stage": "\\ud800"}',
    ),
)

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
    "conversation": st.tuples(few("conversation/t"), st.one_of(CONVERSATION_BODIES, MARKS)),
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


# --- histories -----------------------------------------------------------------------------------


@st.composite
def histories(
    draw: st.DrawFn, acts: st.SearchStrategy[tuple[str, Message]] = ALL_ACTS, most: int = 10
) -> list[Event]:
    """Events of a customer's streams, versions dense in each, in an order of arrival."""
    events: list[Event] = []
    versions = dict.fromkeys(SUBJECTS, 0)
    seqs: dict[tuple[str, str], int] = {}
    for journey, body in draw(st.lists(acts, min_size=1, max_size=most)):
        subject_id = draw(few(*SUBJECTS, SUBJECTS[0]))
        versions[subject_id] += 1
        installation_id = draw(few(*INSTALLATIONS))
        owner = (installation_id, subject_id)
        seqs[owner] = seqs.get(owner, 0) + 1
        seq = seqs[owner] if installation_id else versions[subject_id]
        occurrence = Occurrence(
            t_ms=MIDNIGHT_MS + draw(st.integers(0, 5)) * 30_000,
            counter=draw(few(0, 0, 1)),
            installation_id=installation_id,
            seq=seq,
        )
        place = (subject_id, versions[subject_id])
        events.append(draw(_recorded(journey, body, place, occurrence, most)))
    return events


@st.composite
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
        outcome=draw(few(*[Outcome.OUTCOME_ACCEPTED] * 8, *Outcome.values())),
        occurrence=occurrence,
        interaction=interaction(journey, body),
        actor=Actor(kind=draw(few(*[ActorKind.ACTOR_KIND_CUSTOMER] * 3, *ActorKind.values()))),
        lease_stale=TYPES[name].telemetry and draw(few(False, False, True)),
    )
    event.interaction.channel = draw(few(0, 1, 2, 99))
    if TYPES[name].machine and (rev := draw(st.integers(0, most))):
        # Any rev, also one that was given twice: what was accepted decides, not how it came about.
        event.machine.home, event.machine.rev = draw(few(*SUBJECTS)), rev
    if not TYPES[name].telemetry:
        event.cut.CopyFrom(draw(_cuts(occurrence, most)))
    return event


@st.composite
def _cuts(draw: st.DrawFn, occurrence: Occurrence, most: int) -> Cut:
    seen = draw(st.dictionaries(few(*SUBJECTS), st.integers(0, most), max_size=2))
    cut = Cut(versions=[StreamVersion(subject_id=s, version=v) for s, v in sorted(seen.items())])
    if draw(st.booleans()):
        cut.installation_id = occurrence.installation_id
        cut.before.CopyFrom(occurrence)
    return cut
