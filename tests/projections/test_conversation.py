import itertools
from typing import Any

import pytest

import projections
from journey.v1.events_pb2 import ACTOR_KIND_CUSTOMER, ACTOR_KIND_SERVICE, ACTOR_KIND_STAFF
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.interactions_pb2 import (
    CHANNEL_LIVE_CHAT,
    CHANNEL_PHONE,
    Attachment,
    CallReported,
    ConversationChannelSwitched,
    ConversationMessageAdded,
    ConversationRead,
    ConversationStarted,
    ConversationStatusSet,
    InputSaved,
    InputValue,
    Money,
    OrderPlaced,
    QuoteAnswered,
    QuoteGiven,
)
from journey.v1.journeys_pb2 import ConversationState, QuoteStatus
from projections import thresholds
from projections.journeys import conversation
from tests.projections.acts import DAY_MS, clock
from tests.projections.machines import DUPLICATE, TAKEN, Told

TALK = "conversation/t1"
CLOSED, CONFLICT = "JOURNEY_CLOSED", "STATE_CONFLICT"
WEEK = 7 * DAY_MS


def message(message_id: str, text: str = "hello", **more: Any) -> ConversationMessageAdded:
    return ConversationMessageAdded(message_id=message_id, text=text, **more)


def standing(status: str, **more: Any) -> ConversationStatusSet:
    return ConversationStatusSet(status=f"STATUS_{status}", **more)


def switched(mode: str, summary: str = "") -> ConversationChannelSwitched:
    return ConversationChannelSwitched(mode=f"CONVERSATION_MODE_{mode}", summary=summary)


def quote(quote_id: str = "q1") -> QuoteGiven:
    total = Money(currency="EUR", units=10)
    return QuoteGiven(quote_id=quote_id, total=total, valid_until_ms=clock("21:00"))


def answered(answer: str, quote_id: str = "q1") -> QuoteAnswered:
    return QuoteAnswered(quote_id=quote_id, answer=f"ANSWER_{answer}")


def draft(text: str) -> InputSaved:
    return InputSaved(fields={"draft": InputValue(text=text)})


def state(told: Told) -> ConversationState:
    return told.journey.conversation


def talk(*bodies: Any) -> Told:
    told = Told(TALK)
    told.takes(*bodies)
    return told


# --- messages ------------------------------------------------------------------------------------


def test_each_message_tells_how_the_conversation_went_on_when_it_was_written() -> None:
    told = Told(TALK)
    told.tell(message("a"), "20:00")
    told.tell(switched("VOICE"), "20:10")
    told.tell(message("b"), "20:20")
    told.tell(switched("VIDEO"), "20:30")
    told.tell(message("c"), "20:40")
    told.tell(switched("CHAT"), "20:50")
    assert [each.mode for each in state(told).messages] == [0, 2, 3]
    told.tell(message("late"), "20:15")
    assert state(told).messages[-1].mode == 2


def test_messages_are_numbered_in_the_order_of_the_service_with_holes() -> None:
    told = talk(message("m1"), standing("ASSIGNED", assignee="eve"), message("m2"))
    assert [(each.no, each.message_id) for each in state(told).messages] == [(1, "m1"), (3, "m2")]
    assert (state(told).last_no, told.journey.rev) == (3, 3)


def test_hard_case_31_one_message_sent_twice_is_one_and_of_two_drafts_the_later_stays() -> None:
    told = talk(message("m1"))
    assert told.tell(message("m1"), "20:05") == DUPLICATE
    assert told.tell(message("m1", "other"), "20:05") == "KEY_TAKEN"
    told.tell(draft("first"), "20:06", by=told.phone)
    told.tell(draft("second"), "20:05", by=told.story.device("laptop"))
    assert (len(state(told).messages), state(told).draft) == (1, "first")


def test_a_message_tells_who_wrote_what_where() -> None:
    told = Told(TALK)
    attached = Attachment(ref="file", media_type="image/png", size_bytes=3)
    told.tell(
        message("m1", attachments=[attached], in_reply_to="m0", order_id="o1"),
        "20:00",
        by=told.clerk,
        channel=CHANNEL_PHONE,
    )
    told.tell(ConversationMessageAdded(message_id="m2", text_ref="long"), by=told.phone)
    told.tell(ConversationMessageAdded(message_id="m3", attachments=[attached]))
    first, second, third = state(told).messages
    assert (first.text, first.channel, first.at_ms) == ("hello", CHANNEL_PHONE, clock("20:00"))
    assert ([*first.attachments], first.in_reply_to) == ([attached], "m0")
    authors = [each.author.kind for each in (first, second, third)]
    assert authors == [ACTOR_KIND_STAFF, ACTOR_KIND_CUSTOMER, ACTOR_KIND_SERVICE]
    assert (second.text_ref, third.WhichOneof("content")) == ("long", None)
    assert [*state(told).order_ids] == ["o1"]


def test_hard_case_29_a_late_receipt_takes_nothing_back_and_a_mark_keeps_the_number() -> None:
    """LT read to no 50; late PH receipt for no 30; then mark unread."""
    told = talk(message("m1"))
    laptop = told.story.device("laptop")
    told.tell(ConversationRead(up_to_no=50), "20:10", by=laptop)
    told.tell(ConversationRead(up_to_no=30), "20:05", by=told.phone)
    assert (state(told).read_no, state(told).marked_unread) == (50, False)
    told.tell(ConversationRead(up_to_no=1, marked_unread=True), "20:20", by=told.phone)
    assert (state(told).read_no, state(told).marked_unread) == (50, True)
    told.tell(ConversationRead(up_to_no=50), "20:30", by=laptop)
    assert not state(told).marked_unread


def test_marked_unread_without_any_receipt_is_unread() -> None:
    told = talk(message("m1"))
    told.tell(ConversationRead(marked_unread=True), by=told.phone)
    assert state(told).marked_unread


def test_hard_case_30_one_conversation_goes_on_over_chat_voice_and_video() -> None:
    """Bot to employee and back; messages and summary are kept."""
    told = talk(
        ConversationStarted(topic="shoes", situation="too tight", offer_id="x", order_id="o1"),
        message("m1"),
        standing("ASSIGNED", assignee="bot"),
    )
    told.tell(switched("VOICE", "too tight"), "20:10", channel=CHANNEL_PHONE)
    told.tell(CallReported(call_id="c1"), "20:11", channel=CHANNEL_PHONE)
    told.takes(standing("ASSIGNED", assignee="eve", queue="shoes"), at="20:12")
    told.tell(switched("VIDEO"), "20:20", channel=CHANNEL_LIVE_CHAT)
    found = state(told)
    assert (found.mode, found.summary, found.assignee) == (3, "too tight", "eve")
    assert (found.topic, found.situation, found.queue) == ("shoes", "too tight", "shoes")
    assert ([*found.offer_ids], [*found.order_ids]) == (["x"], ["o1"])
    assert len(found.messages) == 1
    told.takes(standing("OPEN"), at="20:30")
    assert (state(told).assignee, state(told).queue) == ("", "")
    told.takes(standing("ASSIGNED", assignee="bot"), standing("WAITING"), at="20:40")
    assert state(told).assignee == "bot"


def test_an_order_that_came_from_a_conversation_is_named_in_it() -> None:
    told = talk(message("m1"))
    for order_id, conversation_id in (("o1", "t1"), ("o2", "other"), ("o3", "")):
        body = OrderPlaced(conversation_id=conversation_id)
        told.tell(body, "20:10", journey=f"order/{order_id}")
    assert [*state(told).order_ids] == ["o1"]


def test_what_is_not_understood_switches_nothing() -> None:
    told = talk(message("m1"))
    told.tell(ConversationChannelSwitched(mode=99))  # type: ignore[arg-type]
    told.tell(ConversationStatusSet(status=99))  # type: ignore[arg-type]
    told.tell(InputSaved(fields={"note": InputValue(text="x")}))
    assert (state(told).mode, state(told).status, state(told).draft) == (0, 1, "")


# --- the end -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after_ms", "expected"), [(WEEK, TAKEN), (WEEK + 1, CLOSED)])
def test_a_message_reopens_for_seven_days(after_ms: int, expected: str) -> None:
    told = talk(message("m1"))
    told.tell(standing("RESOLVED"), "20:00")
    assert told.journey.finished
    assert told.tell(message("m2"), clock("20:00") + after_ms) == expected
    assert told.journey.finished is (expected == CLOSED)


@pytest.mark.parametrize(
    "body",
    [
        ConversationStarted(topic="again"),
        switched("VOICE"),
        CallReported(call_id="c"),
        draft("hm"),
        quote(),
        standing("ASSIGNED"),
    ],
    ids=lambda body: body.DESCRIPTOR.name,
)
def test_after_seven_days_nothing_is_taken_but_receipts(body: Any) -> None:
    told = talk(message("m1"))
    told.tell(standing("RESOLVED"), "20:00")
    late = clock("20:00") + WEEK + 1
    assert told.tell(body, late) == CLOSED
    assert told.tell(ConversationRead(up_to_no=1), late) == TAKEN


def test_staff_open_again_what_was_resolved_and_do_not_resolve_it_twice() -> None:
    told = talk(standing("RESOLVED"))
    assert told.tell(standing("RESOLVED"), "20:10") == CONFLICT
    assert told.tell(standing("ASSIGNED", assignee="eve"), "20:20") == TAKEN
    assert not told.journey.finished


def test_a_conversation_is_listed_until_it_is_resolved() -> None:
    told = talk(message("m1"))
    assert told.story.continue_list(clock("21:00")) == [TALK]
    told.takes(standing("RESOLVED"))
    assert told.story.continue_list(clock("21:00")) == []


# --- quotes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["ACCEPTED", "DECLINED", "WITHDRAWN"])
def test_a_quote_is_answered_once(answer: str) -> None:
    told = talk(quote())
    told.takes(answered(answer))
    (found,) = state(told).quotes
    assert QuoteStatus.Name(found.status) == f"QUOTE_STATUS_{answer}"
    assert (found.valid_until_ms, found.total.units) == (clock("21:00"), 10)
    assert told.tell(answered(answer), "20:10") == CONFLICT
    other = "DECLINED" if answer == "ACCEPTED" else "ACCEPTED"
    assert told.tell(answered(other), "20:10") == CONFLICT


def test_a_quote_is_accepted_in_time_and_declined_at_any_time() -> None:
    told = talk(quote("q1"), quote("q2"))
    assert told.tell(answered("ACCEPTED", "q1"), "21:00") == TAKEN
    assert told.tell(answered("ACCEPTED", "q2"), "21:01") == CONFLICT
    assert told.tell(answered("DECLINED", "q2"), "21:01") == TAKEN


def test_a_quote_that_nobody_gave_is_not_answered() -> None:
    assert talk(message("m1")).tell(answered("ACCEPTED")) == CONFLICT


def test_an_answer_that_is_not_understood_leaves_the_quote_open() -> None:
    told = talk(quote())
    told.tell(QuoteAnswered(quote_id="q1", answer=99))  # type: ignore[arg-type]
    assert state(told).quotes[0].status == QuoteStatus.QUOTE_STATUS_OPEN


def test_an_answer_told_in_another_home_changes_nothing_that_is_answered() -> None:
    told = talk(quote(), answered("ACCEPTED"))
    event = told.asked(answered("DECLINED"), "20:30")
    event.machine.home, event.machine.rev = "other", 1
    told.story.events.append(event)
    assert state(told).quotes[0].status == QuoteStatus.QUOTE_STATUS_ACCEPTED


# --- many ----------------------------------------------------------------------------------------


def long_talk(count: int) -> Told:
    told = Told(TALK)
    for number in range(1, count + 1):
        said = message(f"m{number}", "long " * 50)
        event = told.shop.record(TALK, said, clock("20:00") + number)
        event.machine.home, event.machine.rev = "anna", number
    return told


def test_of_many_messages_the_newest_are_shown_and_the_rest_is_said_to_be_there() -> None:
    most = thresholds.MESSAGES_MOST
    told = long_talk(most + 20)
    found = state(told)
    assert [each.no for each in found.messages] == [*range(21, most + 21)]
    assert (found.more, found.last_no) == (True, most + 20)
    told = long_talk(most)
    assert (len(state(told).messages), state(told).more) == (most, False)


def test_of_messages_far_behind_only_what_tells_a_repeat_is_kept() -> None:
    told = long_talk(thresholds.MESSAGES_MOST + 1)
    machine = told.story.folds()[TALK].conversation.machine
    sizes = [transition.ByteSize() for transition in machine.transitions]
    assert sizes[0] < 150 < min(sizes[1:])
    assert told.tell(message("m1", "long " * 50), "20:30") == DUPLICATE
    assert told.tell(message("m1", "other"), "20:30") == "KEY_TAKEN"


def test_a_new_message_looks_at_one_that_is_behind_however_long_the_talk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(thresholds, "MESSAGES_MOST", 5)
    looked: list[object] = []
    monkeypatch.setattr(conversation, "_cut", looked.append)
    states: dict[str, JourneyFold] = {}
    for event in long_talk(40).story.events:
        projections.fold_event(states, event)
    assert len(looked) == 35


def test_messages_in_any_order_leave_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thresholds, "MESSAGES_MOST", 2)
    events = [*long_talk(6).story.events]
    # What is no message takes a place among them, and another home has messages of its own.
    events[3].interaction.ClearField("conversation_message_added")
    events[3].interaction.conversation_status_set.CopyFrom(standing("WAITING"))
    events[3].type = "conversation.status_set"
    events[4].machine.home = "ben"
    found, states = set(), dict[str, JourneyFold]()
    for order in itertools.permutations(events):
        states = {}
        for event in order:
            projections.fold_event(states, event)
        found.add(states[TALK].SerializeToString(deterministic=True))
    assert len(found) == 1
    sizes = [each.ByteSize() for each in states[TALK].conversation.machine.transitions]
    assert [size > 150 for size in sizes] == [False, False, True, False, True, True]


def test_of_many_quotes_the_newest_are_shown() -> None:
    told = Told(TALK)
    for number in range(1, thresholds.MESSAGES_MOST + 2):
        event = told.shop.record(TALK, quote(f"q{number}"), clock("20:00"))
        event.machine.home, event.machine.rev = "anna", number
    found = state(told)
    assert (len(found.quotes), found.quotes[0].quote_id, found.more) == (100, "q2", True)
