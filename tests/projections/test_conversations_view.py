"""Conversations on an agent's screen: who waits, how it goes on, who took part, what about."""

from __future__ import annotations

from google.protobuf.message import Message

import projections
from journey.v1.events_pb2 import (
    ACTOR_KIND_CUSTOMER,
    ACTOR_KIND_SERVICE,
    ACTOR_KIND_STAFF,
    Actor,
    ActorKind,
    Event,
    MachineOrder,
)
from journey.v1.interactions_pb2 import (
    CHANNEL_EMAIL,
    CHANNEL_LIVE_CHAT,
    CHANNEL_PHONE,
    CHANNEL_WHATSAPP,
    CONVERSATION_MODE_CHAT,
    CONVERSATION_MODE_VIDEO,
    CONVERSATION_MODE_VOICE,
    CallReported,
    ConversationChannelSwitched,
    ConversationMessageAdded,
    ConversationStarted,
    ConversationStatusSet,
    MessageSent,
    Money,
    OrderPlaced,
    QuoteAnswered,
    QuoteGiven,
    StockEnquired,
    SupportCaseChanged,
)
from journey.v1.journeys_pb2 import QuoteStatus
from journey.v1.references_pb2 import JourneyRef
from journey.v1.views_pb2 import AgentConversationState
from projections import thresholds
from projections.views.conversations import CONVERSATIONS
from tests.projections import acts
from tests.projections.acts import Story, clock
from tests.projections.machines import units
from tests.projections.views import fold, found_by, read

Status = ConversationStatusSet
TALK = "conversation/cv-1"


class Talk:
    """A conversation as it is recorded: customer, staff and back ends in turn."""

    def __init__(self) -> None:
        self.story = Story()
        self.rev = 0

    def act(
        self,
        body: Message,
        at: str | int,
        actor: ActorKind = ACTOR_KIND_CUSTOMER,
        name: str = "",
        channel: int = CHANNEL_LIVE_CHAT,
        journey: str = TALK,
    ) -> Event:
        self.rev += 1
        at_ms = clock(at) if isinstance(at, str) else at
        machine = MachineOrder(home="anna", rev=self.rev)
        device = self.story.device("")
        event = device.record(journey, body, at_ms, channel=channel, machine=machine)
        event.actor.CopyFrom(Actor(kind=actor, id=name))
        return event

    def asks(self, at: str | int, text: str = "hello?", **more: object) -> Event:
        body = ConversationMessageAdded(
            message_id=f"in-{self.rev}", direction=ConversationMessageAdded.DIRECTION_IN, text=text
        )
        body.MergeFrom(ConversationMessageAdded(**more))  # type: ignore[arg-type]
        return self.act(body, at)

    def answers(self, at: str, agent: str = "emp-1") -> Event:
        body = ConversationMessageAdded(
            message_id=f"out-{self.rev}",
            direction=ConversationMessageAdded.DIRECTION_OUT,
            text="yes",
        )
        return self.act(body, at, ACTOR_KIND_STAFF, agent)

    def sets(self, status: Status.Status, at: str, **more: str) -> Event:
        return self.act(ConversationStatusSet(status=status, **more), at, ACTOR_KIND_STAFF, "lead")

    def calls(self, status: CallReported.Status, at: str, mode: CallReported.Mode = 1) -> Event:  # type: ignore[assignment]
        body = CallReported(call_id="c-1", status=status, mode=mode)
        return self.act(body, at, ACTOR_KIND_SERVICE, "telephony", CHANNEL_PHONE)

    @property
    def shown(self) -> AgentConversationState:
        found: AgentConversationState = read(CONVERSATIONS, self.story.events, "cv-1")
        return found

    def is_open(self) -> bool:
        """Whether it is not resolved."""
        return self.shown.open

    @property
    def waiting(self) -> tuple[int, int]:
        """Since when, and how many acts are unanswered."""
        return (self.shown.waiting_since_ms, self.shown.unanswered)


NOBODY = (0, 0)


def test_the_customer_waits_since_the_first_message_that_nobody_answered() -> None:
    talk = Talk()
    talk.act(ConversationStarted(topic="A lamp", situation="order_late"), "10:00")
    assert talk.waiting == (clock("10:00"), 1)
    talk.answers("10:01")
    assert talk.waiting == NOBODY
    talk.asks("10:05")
    talk.asks("10:06")
    assert talk.waiting == (clock("10:05"), 2)
    talk.answers("10:07")
    assert talk.waiting == NOBODY
    assert (talk.shown.topic, talk.shown.situation) == ("A lamp", "order_late")


def test_a_message_that_arrives_late_but_was_answered_does_not_wait() -> None:
    talk = Talk()
    talk.answers("10:07")
    talk.asks("10:05")
    assert talk.waiting == NOBODY


def test_what_staff_begins_leaves_nobody_waiting() -> None:
    talk = Talk()
    talk.act(ConversationStarted(), "10:00", ACTOR_KIND_STAFF, "emp-1")
    assert talk.waiting == NOBODY
    assert talk.is_open()


def test_parked_and_resolved_conversations_wait_for_the_customer() -> None:
    talk = Talk()
    talk.asks("10:00")
    talk.sets(Status.STATUS_ASSIGNED, "10:01", assignee="emp-1", queue="lamps")
    shown = talk.shown
    assert (shown.status, shown.assignee, shown.queue) == (
        Status.STATUS_ASSIGNED,
        "emp-1",
        "lamps",
    )
    assert talk.waiting == (clock("10:00"), 1)
    talk.sets(Status.STATUS_WAITING, "10:02")
    assert talk.waiting == NOBODY
    talk.asks("10:03")
    talk.sets(Status.STATUS_RESOLVED, "10:04")
    assert talk.waiting == NOBODY
    assert not talk.is_open()
    talk.asks("10:10")
    assert talk.is_open()
    assert talk.waiting == (clock("10:10"), 1)


def test_a_call_sets_the_mode_answers_while_it_goes_on_and_is_to_be_called_back_if_missed() -> None:
    talk = Talk()
    talk.calls(CallReported.STATUS_MISSED, "10:00")
    assert talk.waiting == (clock("10:00"), 1)
    talk.calls(CallReported.STATUS_FAILED, "10:01", 99)  # type: ignore[arg-type]
    assert talk.waiting == (clock("10:00"), 1)
    talk.calls(CallReported.STATUS_STARTED, "10:02", CallReported.MODE_VIDEO)
    shown = talk.shown
    assert (shown.mode, shown.call_id, shown.call_status) == (
        CONVERSATION_MODE_VIDEO,
        "c-1",
        CallReported.STATUS_STARTED,
    )
    assert (shown.waiting_since_ms, shown.channel) == (0, CHANNEL_PHONE)
    talk.calls(99, "10:03")  # type: ignore[arg-type]
    assert talk.shown.call_status == CallReported.STATUS_UNSPECIFIED


def test_it_goes_on_over_another_channel_with_what_was_said_so_far() -> None:
    talk = Talk()
    talk.asks("10:00")
    assert talk.shown.mode == CONVERSATION_MODE_CHAT
    switched = ConversationChannelSwitched(mode=CONVERSATION_MODE_VOICE, summary="Wants a lamp.")
    talk.act(switched, "10:01", channel=CHANNEL_PHONE)
    talk.act(ConversationChannelSwitched(mode=99), "10:02", channel=99)  # type: ignore[arg-type]
    talk.act(ConversationChannelSwitched(), "10:03", channel=CHANNEL_EMAIL)
    shown = talk.shown
    assert (shown.mode, shown.summary, shown.channel) == (
        CONVERSATION_MODE_VOICE,
        "Wants a lamp.",
        CHANNEL_EMAIL,
    )


def test_the_last_message_is_cut_to_what_fits_a_line() -> None:
    talk = Talk()
    talk.asks("10:00", text="x" * 500, in_reply_to="m-0")
    told = talk.shown.last_message
    assert len(told.text) == thresholds.SNIPPET_CHARS
    assert (told.message_id, told.no, told.at_ms) == ("in-0", 1, clock("10:00"))
    assert (told.in_reply_to, told.channel) == ("m-0", CHANNEL_LIVE_CHAT)
    long = talk.asks("10:01", text_ref="t-9")
    long.interaction.channel = 99  # type: ignore[assignment]  # a newer client's
    told = talk.shown.last_message
    assert (told.text_ref, told.WhichOneof("content")) == ("t-9", "text_ref")
    assert not told.channel


def test_all_who_took_part_are_told_last_first() -> None:
    talk = Talk()
    talk.asks("10:00")
    talk.answers("10:01", "bot")
    talk.answers("10:02", "emp-1")
    talk.asks("10:03")
    told = [(each.actor.id, each.first_ms, each.last_ms) for each in talk.shown.participants]
    assert told == [
        ("", clock("10:00"), clock("10:03")),
        ("emp-1", clock("10:02"), clock("10:02")),
        ("bot", clock("10:01"), clock("10:01")),
    ]
    assert talk.shown.participants[0].last_channel == CHANNEL_LIVE_CHAT


def test_quotes_stand_as_in_the_journey_and_an_answer_is_for_the_shop_to_act_on() -> None:
    talk = Talk()
    talk.asks("10:00")
    total = Money(currency="EUR", units=350)
    quote = QuoteGiven(
        quote_id="Q1", lines=units(lamp=1), total=total, valid_until_ms=clock("20:00")
    )
    talk.act(quote, "10:01", ACTOR_KIND_STAFF, "emp-1")
    assert talk.waiting == NOBODY
    taken = QuoteAnswered(quote_id="Q1", answer=QuoteAnswered.ANSWER_ACCEPTED)
    talk.act(taken, "10:02")
    assert talk.waiting == (clock("10:02"), 1)
    told = talk.shown.quotes[0]
    assert (told.quote_id, told.status, told.total) == (
        "Q1",
        QuoteStatus.QUOTE_STATUS_ACCEPTED,
        total,
    )
    journey = projections.publish_all(acts.fold(talk.story.events))[TALK]
    assert [*journey.conversation.quotes] == [*talk.shown.quotes]
    back = QuoteAnswered(quote_id="Q1", answer=QuoteAnswered.ANSWER_WITHDRAWN)
    talk.act(back, "10:03", ACTOR_KIND_STAFF, "emp-1")
    assert talk.waiting == (clock("10:02"), 1)


def test_what_it_is_about_comes_from_all_that_name_it() -> None:
    talk = Talk()
    opening = ConversationStarted(offer_id="SPRING", message_id="m-1", order_id="77")
    talk.act(opening, "10:00")
    talk.asks("10:01", order_id="78")
    shop, service = ACTOR_KIND_SERVICE, "shop"
    placed = OrderPlaced(conversation_id="cv-1")
    talk.act(placed, "10:02", shop, service, CHANNEL_WHATSAPP, "order/79")
    mail = MessageSent(message_id="m-2", offer_id="AUTUMN", conversation_id="cv-1")
    talk.act(mail, "10:03", shop, service, CHANNEL_EMAIL, "")
    case = SupportCaseChanged(case_id="k-1", conversation_id="cv-1")
    talk.act(case, "10:04", shop, service, journey="")
    talk.act(StockEnquired(conversation_id="cv-1"), "10:05", shop, service, journey="")
    shown = talk.shown
    assert [*shown.journeys] == [
        JourneyRef(kind="order", journey_id=each) for each in ("77", "78", "79")
    ]
    assert [*shown.offer_ids] == ["AUTUMN", "SPRING"]
    assert [*shown.message_ids] == ["m-1", "m-2"]
    assert [*shown.case_ids] == ["k-1"]
    assert shown.updated_at_ms == clock("10:01")
    assert (shown.started_at_ms, shown.channel) == (clock("10:00"), CHANNEL_LIVE_CHAT)


def test_a_conversation_that_others_only_name_is_not_open() -> None:
    talk = Talk()
    talk.act(OrderPlaced(conversation_id="cv-1"), "10:00", journey="order/1")
    assert not talk.is_open()
    talk.act(OrderPlaced(), "10:00", journey="order/2")
    talk.act(ConversationStarted(), "10:00", journey="order/2")
    assert [*fold(CONVERSATIONS, talk.story.events)] == ["cv-1"]


def test_messages_without_a_place_in_the_servers_order_do_not_reopen() -> None:
    talk = Talk()
    talk.sets(Status.STATUS_RESOLVED, "10:00")
    talk.asks("10:01").ClearField("machine")
    assert not talk.is_open()


def test_conversations_are_found_by_who_answers_where_they_wait_and_how_they_go_on() -> None:
    talk = Talk()
    talk.act(ConversationStarted(situation="order_late"), "10:00")
    talk.sets(Status.STATUS_ASSIGNED, "10:01", assignee="emp-1", queue="lamps")
    assert found_by(CONVERSATIONS, talk.story.events, "cv-1") == {
        "open": {"yes"},
        "waiting": {"yes"},
        "status": {"assigned"},
        "mode": {"chat"},
        "channel": {"live_chat"},
        "assignee": {"emp-1"},
        "queue": {"lamps"},
        "situation": {"order_late"},
    }
    talk.sets(Status.STATUS_RESOLVED, "10:02")
    found = found_by(CONVERSATIONS, talk.story.events, "cv-1")
    assert (found["open"], found["waiting"], found["status"]) == ({"no"}, {"no"}, {"resolved"})
    state = fold(CONVERSATIONS, talk.story.events)["cv-1"]
    assert CONVERSATIONS.updated_at_ms(state) == clock("10:02")
