"""Bodies of interactions as Hypothesis draws them: few values, so that they meet, and odd ones."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

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


def few(*values: Any) -> st.SearchStrategy[Any]:
    """One of a few values."""
    return st.sampled_from(values)


def _made(make: Any, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Messages of this type; their constructors do not tell Hypothesis what they take."""
    return st.fixed_dictionaries(fields).map(lambda given: make(**given))


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
    conversation_id=few("", "t"),
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
