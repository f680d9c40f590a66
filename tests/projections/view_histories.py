"""Acts that the views fold, as Hypothesis draws them, by view; few ids, so that they meet."""

from __future__ import annotations

from google.protobuf.message import Message
from hypothesis import strategies as st

from journey.v1.interactions_pb2 import (
    CallReported,
    ConversationMessageAdded,
    MessageOutcomeReported,
    MessageSent,
    ProductViewed,
    SessionOpened,
    StockEnquired,
    Store,
    StoreVisited,
    SupportCaseChanged,
)
from tests.projections.bodies import (
    BROWSE_BODIES,
    CONVERSATION_BODIES,
    MARKS,
    ORDER_BODIES,
    PLACED,
    PREFERENCE_BODIES,
    few,
)

Acts = st.SearchStrategy[tuple[str, Message]]
NOWHERE = few("")
TALKS = few(*["conversation/t"] * 4, "conversation/u")
ORDERS = few("order/o1", "order/o2", "order/o3")

SENT = st.builds(
    MessageSent,
    message_id=few("m", "n", "o"),
    category=few(1, 2, 3, 99),
    campaign_id=few("", "spring", "autumn", "winter"),
    offer_id=few("", "x"),
    conversation_id=few("", "t"),
)
OUTCOMES = st.builds(
    MessageOutcomeReported, message_id=few("m", "n", "p"), outcome=few(0, 1, 2, 3, 4, 6, 99)
)
CHATS = st.builds(
    ConversationMessageAdded,
    message_id=few("m", "n"),
    direction=few(0, 1, 2, 99),
    text=few("", "hello", "x" * 300),
)
CALLS = st.builds(
    CallReported,
    call_id=few("c", "d"),
    mode=few(0, 1, 2, 99),
    status=few(0, 1, 2, 3, 4, 99),
    duration_ms=few(0, 5),
)
VISITS = st.builds(StoreVisited, store=st.builds(Store, store_id=few("s", "t")))
OPENED = st.builds(
    SessionOpened,
    installation_id=few("phone", "tv", "till"),
    device_id=few("mine", "ours"),
    app=few("", "shop"),
    language=few("", "nl", "de", "en"),
    zone=few("", "Europe/Amsterdam"),
    mode=few(0, 1, 2, 99),
)
ENQUIRED = st.builds(StockEnquired, conversation_id=few("", "t"))
CASES = st.builds(SupportCaseChanged, case_id=few("k", "l"), conversation_id=few("", "t"))

VIEW_ACTS: dict[str, Acts] = {
    "purchases": st.tuples(ORDERS, ORDER_BODIES),
    "suppression": st.tuples(ORDERS, ORDER_BODIES),
    "profile": st.one_of(
        st.tuples(few("preferences/"), PREFERENCE_BODIES),
        st.tuples(few("browse/"), BROWSE_BODIES),
        st.tuples(ORDERS, PLACED),
        st.tuples(TALKS, CHATS),
        st.tuples(NOWHERE, OPENED),
        st.tuples(NOWHERE, OPENED),
        st.tuples(NOWHERE, SENT),
    ),
    "ledger": st.one_of(
        st.tuples(NOWHERE, SENT),
        st.tuples(NOWHERE, SENT),
        st.tuples(NOWHERE, OUTCOMES),
        st.tuples(TALKS, CHATS),
        st.tuples(TALKS, CALLS),
        st.tuples(NOWHERE, VISITS),
    ),
    "conversations": st.one_of(
        st.tuples(TALKS, CONVERSATION_BODIES),
        st.tuples(TALKS, CONVERSATION_BODIES),
        st.tuples(TALKS, CHATS),
        st.tuples(TALKS, CALLS),
        st.tuples(ORDERS, PLACED),
        st.tuples(NOWHERE, st.one_of(SENT, ENQUIRED, CASES)),
    ),
}
# Acts of all sorts, most of which are nothing to a view.
OTHER_ACTS: Acts = st.one_of(
    *VIEW_ACTS.values(),
    st.tuples(few("browse/"), st.builds(ProductViewed)),
    st.tuples(few("order/o1"), MARKS),
)
