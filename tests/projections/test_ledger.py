"""The ledger: messages with what became of them, chats, calls, visits, and how many a day."""

from __future__ import annotations

from google.protobuf.message import Message

from journey.v1.events_pb2 import ACTOR_KIND_STAFF, Actor, Event
from journey.v1.interactions_pb2 import (
    CHANNEL_EMAIL,
    CHANNEL_LIVE_CHAT,
    CHANNEL_OTHER,
    CHANNEL_PHONE,
    CHANNEL_PUSH,
    CHANNEL_STORE,
    CallReported,
    ConversationMessageAdded,
    MessageOutcomeReported,
    MessageSent,
    Store,
    StoreVisited,
)
from journey.v1.views_pb2 import ContactDirection, ContactKind, ContactStatus, LedgerState
from projections import thresholds
from projections.views.ledger import LEDGER, sent_since
from tests.projections.acts import DAY_MS, MIDNIGHT_MS, Story, clock
from tests.projections.views import fold, found_by, read

MARKETING, SERVICE = MessageSent.CATEGORY_MARKETING, MessageSent.CATEGORY_SERVICE
Outcome = MessageOutcomeReported


def tell(story: Story, body: Message, at: str | int, channel: int, journey: str = "") -> Event:
    at_ms = clock(at) if isinstance(at, str) else at
    return story.back_end().record(journey, body, at_ms, channel=channel)


def sent(
    story: Story,
    message_id: str,
    at: str | int = "10:00",
    channel: int = CHANNEL_EMAIL,
    **more: object,
) -> None:
    body = MessageSent(message_id=message_id, category=MARKETING)
    body.MergeFrom(MessageSent(**more))  # type: ignore[arg-type]
    tell(story, body, at, channel)


def became(story: Story, message_id: str, outcome: Outcome.Outcome, at: str) -> None:
    body = MessageOutcomeReported(message_id=message_id, outcome=outcome)
    tell(story, body, at, CHANNEL_EMAIL)


def ledger(story: Story) -> LedgerState:
    found: LedgerState = read(LEDGER, story.events)
    return found


def statuses(story: Story) -> dict[str, str]:
    return {
        each.id: ContactStatus.Name(each.status).removeprefix("CONTACT_STATUS_")
        for each in ledger(story).entries
    }


def test_a_message_tells_campaign_offer_order_and_text_and_is_there_once() -> None:
    story = Story()
    facts = {"campaign_id": "spring", "offer_id": "SPRING", "order_id": "77", "text_ref": "t-1"}
    body = MessageSent(
        message_id="m-1", category=MARKETING, template_id="t", conversation_id="cv", **facts
    )
    tell(story, body, "10:00", CHANNEL_EMAIL)
    tell(story, body, "10:05", CHANNEL_EMAIL)
    entries = ledger(story).entries
    assert len(entries) == 1
    told = entries[0]
    assert (told.kind, told.direction, told.channel) == (
        ContactKind.CONTACT_KIND_MESSAGE,
        ContactDirection.CONTACT_DIRECTION_OUT,
        CHANNEL_EMAIL,
    )
    assert (told.campaign_id, told.offer_id, told.order_id, told.text_ref) == (*facts.values(),)
    assert (told.template_id, told.conversation_id, told.category) == ("t", "cv", MARKETING)
    assert (told.at_ms, told.status_at_ms) == (clock("10:00"), clock("10:00"))


def test_a_message_stands_where_the_furthest_outcome_put_it_whatever_came_last() -> None:
    story = Story()
    for name in ("a", "b", "c", "d"):
        sent(story, name)
    became(story, "a", Outcome.OUTCOME_CLICKED, "11:00")
    became(story, "a", Outcome.OUTCOME_DELIVERED, "12:00")
    became(story, "b", Outcome.OUTCOME_BOUNCED, "11:00")
    became(story, "c", Outcome.OUTCOME_OPENED, "11:00")
    became(story, "c", Outcome.OUTCOME_UNSUBSCRIBED, "11:01")
    became(story, "never sent", Outcome.OUTCOME_OPENED, "11:00")
    became(story, "d", 99, "11:00")  # type: ignore[arg-type]  # a newer client's
    assert statuses(story) == {"a": "CLICKED", "b": "BOUNCED", "c": "UNSUBSCRIBED", "d": "SENT"}
    clicked = next(each for each in ledger(story).entries if each.id == "a")
    assert clicked.status_at_ms == clock("11:00")


def test_chats_tell_their_direction_and_conversation_and_never_their_text() -> None:
    story = Story()
    for number, direction in enumerate((1, 2, 99)):
        body = ConversationMessageAdded(
            message_id=f"m{number}",
            direction=direction,  # type: ignore[arg-type]
            text="my secret",
            order_id="77",
        )
        event = tell(story, body, f"1{number}:00", CHANNEL_LIVE_CHAT, "conversation/cv-1")
        event.actor.CopyFrom(Actor(kind=ACTOR_KIND_STAFF, id="emp-1"))
        tell(story, body, f"1{number}:01", CHANNEL_LIVE_CHAT, "conversation/cv-1")
    entries = ledger(story).entries
    assert [ContactDirection.Name(each.direction)[18:] for each in entries] == [
        "UNSPECIFIED",
        "OUT",
        "IN",
    ]
    assert {(each.conversation_id, each.order_id, each.actor.id) for each in entries} == {
        ("cv-1", "77", "emp-1")
    }
    assert b"secret" not in fold(LEDGER, story.events)[""].SerializeToString()


def test_the_reports_of_a_call_are_one_contact() -> None:
    story = Story()
    for at, status, duration in (
        ("10:00", CallReported.STATUS_STARTED, 0),
        ("10:12", CallReported.STATUS_ENDED, 720_000),
    ):
        body = CallReported(
            call_id="c-1", mode=CallReported.MODE_VIDEO, status=status, duration_ms=duration
        )
        tell(story, body, at, CHANNEL_PHONE, "conversation/cv-2")
    odd = CallReported(call_id="c-2", mode=99, status=99)  # type: ignore[arg-type]
    tell(story, odd, "09:00", CHANNEL_PHONE, "conversation/cv-2")
    call, strange = ledger(story).entries
    assert (call.at_ms, call.status, call.status_at_ms) == (
        clock("10:00"),
        ContactStatus.CONTACT_STATUS_ENDED,
        clock("10:12"),
    )
    assert (call.duration_ms, call.mode, call.conversation_id) == (
        720_000,
        CallReported.MODE_VIDEO,
        "cv-2",
    )
    assert (strange.status, strange.mode) == (
        ContactStatus.CONTACT_STATUS_UNSPECIFIED,
        CallReported.MODE_UNSPECIFIED,
    )


def test_each_visit_to_a_store_is_a_contact() -> None:
    story = Story()
    for at in ("10:00", "15:00"):
        tell(story, StoreVisited(store=Store(store_id="UTR-1")), at, CHANNEL_STORE)
    visits = ledger(story).entries
    assert [each.at_ms for each in visits] == [clock("15:00"), clock("10:00")]
    assert {each.store.store_id for each in visits} == {"UTR-1"}
    assert {each.direction for each in visits} == {ContactDirection.CONTACT_DIRECTION_IN}


def test_messages_are_counted_by_day_channel_and_category() -> None:
    story = Story()
    sent(story, "a", "10:00")
    sent(story, "b", "23:59")
    sent(story, "b", "23:59")
    sent(story, "c", "10:00", CHANNEL_PUSH, category=SERVICE)
    sent(story, "d", clock("01:00") + DAY_MS, 99)
    event = story.events[-1]
    event.interaction.message_sent.category = 99  # type: ignore[assignment]  # a newer client's
    sent(story, "e", clock("02:00") + DAY_MS, CHANNEL_OTHER)
    story.events[-1].interaction.channel_label = "letter bird"
    told = [
        (each.day_ms - MIDNIGHT_MS, each.channel, each.channel_label, each.category, each.sent)
        for each in ledger(story).days
    ]
    assert told == [
        (DAY_MS, 0, "", 0, 1),
        (DAY_MS, CHANNEL_OTHER, "letter bird", MARKETING, 1),
        (0, CHANNEL_EMAIL, "", MARKETING, 2),
        (0, CHANNEL_PUSH, "", SERVICE, 1),
    ]


def test_the_sender_of_the_fourth_marketing_message_in_a_week_sees_three() -> None:
    story = Story()
    sent(story, "long ago", clock("10:00") - 8 * DAY_MS)
    for number in range(3):
        sent(story, str(number), clock("10:00") - number * DAY_MS)
    sent(story, "order", category=MessageSent.CATEGORY_TRANSACTIONAL)
    tell(story, StoreVisited(store=Store(store_id="s")), "10:00", CHANNEL_STORE)
    found, week = ledger(story), clock("10:00") - 7 * DAY_MS
    assert sent_since(found, week, MARKETING) == 3
    assert sent_since(found, week) == 4
    assert sent_since(found, 0, MARKETING) == 4


def test_campaigns_tell_their_last_message_so_that_nobody_gets_two() -> None:
    story = Story()
    sent(story, "a", "12:00", CHANNEL_PUSH, campaign_id="spring")
    sent(story, "b", "11:00", campaign_id="spring")
    sent(story, "c", "10:00")
    campaign = ledger(story).campaigns[0]
    assert (campaign.campaign_id, campaign.message_id, campaign.channel) == (
        "spring",
        "a",
        CHANNEL_PUSH,
    )
    assert campaign.sent_at_ms == clock("12:00")
    assert found_by(LEDGER, story.events) == {"campaign": {"spring"}, "message": {"a", "b"}}
    assert LEDGER.updated_at_ms(fold(LEDGER, story.events)[""]) == clock("12:00")


def test_of_very_many_the_newest_are_kept_and_it_says_so() -> None:
    story = Story()
    for number in range(thresholds.CAMPAIGNS_MOST + 3):
        name = f"{number:03}"
        sent(story, name, clock("10:00") + number, campaign_id=name)
    found = LEDGER.publish(fold(LEDGER, story.events)[""])
    assert isinstance(found, LedgerState)
    assert found.more
    assert len(found.entries) == thresholds.SENT_MOST
    assert found.entries[0].id == f"{thresholds.CAMPAIGNS_MOST + 2:03}"
    assert [found.campaigns[0].campaign_id, len(found.campaigns)] == [
        "003",
        thresholds.CAMPAIGNS_MOST,
    ]
