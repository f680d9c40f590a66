"""What an agent needs of a conversation at a glance, one state for each conversation.

Who waits since when, how it goes on, the last message, who took part, and the journeys it is about.
Status, assignee and quotes follow from the same transitions as in the conversation's journey, so
the two never disagree; texts but the last are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from google.protobuf.internal.containers import RepeatedScalarFieldContainer

from journey.v1.events_pb2 import Actor, ActorKind, Event
from journey.v1.interactions_pb2 import (
    CallReported,
    Channel,
    ConversationMessageAdded,
    ConversationMode,
    ConversationStarted,
    ConversationStatusSet,
    Interaction,
)
from journey.v1.journeys_pb2 import ConversationMessageState
from journey.v1.references_pb2 import JourneyRef
from journey.v1.view_folds_pb2 import AgentConversationFold, ParticipantFold
from journey.v1.views_pb2 import AgentConversationState, ConversationParticipant
from projections import fold, thresholds
from projections.fold import (
    entry,
    include_text,
    keep_earliest,
    keep_latest,
    order_of,
    record_transition,
)
from projections.journeys.conversation import MODES, RESOLVED, published_quote, talk_of
from projections.machines import join_steps
from projections.newest import join_newest, keep_newest_writes
from projections.one_journey import CHANNELS
from projections.projection import Act, serialized
from projections.reactions import Reactions
from projections.view import StoredView
from projections.views.purchases import channel_name

CHAT = ConversationMode.CONVERSATION_MODE_CHAT
STAFF = ActorKind.ACTOR_KIND_STAFF
CALL_MODES: Mapping[int, ConversationMode] = {
    CallReported.MODE_VOICE: ConversationMode.CONVERSATION_MODE_VOICE,
    CallReported.MODE_VIDEO: ConversationMode.CONVERSATION_MODE_VIDEO,
}
CALL_STATUSES = frozenset(CallReported.Status.values())
# The shop has answered, or waits for the customer itself.
ANSWERING = frozenset({ConversationStatusSet.STATUS_WAITING, ConversationStatusSet.STATUS_RESOLVED})
# Bodies of others that name a conversation.
NAMING = frozenset({"order_placed", "stock_enquired", "message_sent", "support_case_changed"})


# --- fold: what the conversation says itself -----------------------------------------------------


def _own(talk: AgentConversationFold, act: Act) -> None:
    """Somebody did something in the conversation."""
    interaction = act.event.interaction
    channel = interaction.channel if interaction.channel in CHANNELS else 0
    keep_earliest(talk.first, act.write())
    keep_latest(talk.last, act.write(number=channel, text=interaction.channel_label))
    actor = act.event.actor
    known = entry(talk.participants, ParticipantFold, "key", f"{actor.kind}/{actor.id}")
    keep_earliest(known.first, act.write())
    keep_latest(known.last, act.write(number=channel))


def started(talk: AgentConversationFold, act: Act) -> None:
    """It was opened, or opened again about something else."""
    _own(talk, act)
    body = act.body
    keep_latest(talk.started, act.write(message=serialized(body)))
    _note(talk.order_ids, body.order_id)
    _note(talk.offer_ids, body.offer_id)
    _note(talk.message_ids, body.message_id)
    if act.event.actor.kind == STAFF:
        _answered(talk, act)
    else:
        _asked(talk, act)


def message_added(talk: AgentConversationFold, act: Act) -> None:
    """A message was written."""
    _own(talk, act)
    _step(talk, act, Interaction(conversation_message_added=ConversationMessageAdded()))
    keep_latest(talk.message, act.write(message=serialized(_message(act))))
    _note(talk.order_ids, act.body.order_id)
    if act.body.direction == ConversationMessageAdded.DIRECTION_OUT:
        _answered(talk, act)
    else:
        _asked(talk, act)


def _message(act: Act) -> ConversationMessageState:
    body = act.body
    told = ConversationMessageState(
        no=act.event.machine.rev,
        message_id=body.message_id,
        direction=body.direction,
        author=act.event.actor,
        text_ref=body.text_ref,
        attachments=body.attachments,
        in_reply_to=body.in_reply_to,
    )
    if body.text:
        told.text = body.text[: thresholds.SNIPPET_CHARS]
    if act.event.interaction.channel in CHANNELS:
        told.channel = act.event.interaction.channel
    return told


def status_set(talk: AgentConversationFold, act: Act) -> None:
    """The shop assigned, parked, resolved or reopened it."""
    _own(talk, act)
    _step(talk, act, Interaction(conversation_status_set=act.body))
    if act.body.status in ANSWERING:
        _answered(talk, act)


def quote_given(talk: AgentConversationFold, act: Act) -> None:
    """The shop made an offer with a price."""
    _own(talk, act)
    told = Interaction(quote_given=act.body)
    del told.quote_given.lines[:]
    _step(talk, act, told)
    _answered(talk, act)


def quote_answered(talk: AgentConversationFold, act: Act) -> None:
    """The customer took it or not, or the shop took it back."""
    _own(talk, act)
    _step(talk, act, Interaction(quote_answered=act.body))
    if act.event.actor.kind != STAFF:
        _asked(talk, act)


def switched(talk: AgentConversationFold, act: Act) -> None:
    """It goes on over another channel."""
    _own(talk, act)
    if act.body.mode and act.body.mode in MODES:
        keep_latest(talk.mode, act.write(number=act.body.mode))
    if act.body.summary:
        keep_latest(talk.summary, act.write(text=act.body.summary))


def called(talk: AgentConversationFold, act: Act) -> None:
    """A call began, ended or failed; a missed one is to be called back."""
    _own(talk, act)
    body = act.body
    status = body.status if body.status in CALL_STATUSES else 0
    keep_latest(talk.call, act.write(text=body.call_id, number=status))
    if body.mode in CALL_MODES:
        keep_latest(talk.mode, act.write(number=CALL_MODES[body.mode]))
    match status:
        case CallReported.STATUS_STARTED | CallReported.STATUS_ENDED:
            _answered(talk, act)
        case CallReported.STATUS_MISSED:
            _asked(talk, act)


def _step(talk: AgentConversationFold, act: Act, told: Interaction) -> None:
    """Keep an accepted transition. One without a place in the server's order counts for nothing."""
    place = act.event.machine
    if place.rev:
        write = act.write(message=serialized(Event(interaction=told)))
        record_transition(talk.machine, place.home, place.rev, write)


# --- fold: who waits -----------------------------------------------------------------------------


def _asked(talk: AgentConversationFold, act: Act) -> None:
    """The customer is to be answered, unless that was done already."""
    keep_newest_writes(talk.asks, act.write(), thresholds.ASKS_MOST)
    _drop_answered(talk)


def _answered(talk: AgentConversationFold, act: Act) -> None:
    """The shop acted: nothing before waits any more."""
    keep_latest(talk.answer, act.write())
    _drop_answered(talk)


def _drop_answered(talk: AgentConversationFold) -> None:
    if talk.HasField("answer"):
        done = order_of(talk.answer)
        for index in reversed(range(len(talk.asks))):
            if order_of(talk.asks[index]) < done:
                del talk.asks[index]


# --- fold: what it is about ----------------------------------------------------------------------


def named(talk: AgentConversationFold, act: Act) -> None:
    """An order, a message or a support case says that it belongs to the conversation."""
    match act.name:
        case "order_placed":
            _note(talk.order_ids, act.event.interaction.journey.journey_id)
        case "message_sent":
            _note(talk.message_ids, act.body.message_id)
            _note(talk.offer_ids, act.body.offer_id)
        case "support_case_changed":
            _note(talk.case_ids, act.body.case_id)


def _note(texts: RepeatedScalarFieldContainer[str], text: str) -> None:
    if text:
        include_text(texts, text)


def _keys(event: Event, body: str) -> Iterable[str]:
    """The conversation itself, or the one that a body of others names."""
    if body in NAMING:
        conversation_id = str(getattr(event.interaction, body).conversation_id)
    else:
        ref = event.interaction.journey
        conversation_id = ref.journey_id if ref.kind == "conversation" else ""
    return (conversation_id,) if conversation_id else ()


def join(mine: AgentConversationFold, theirs: AgentConversationFold) -> None:
    """Join the second state into the first."""
    join_steps(mine, theirs)
    names = ("started", "last", "mode", "summary", "message", "call", "answer")
    fold.join(keep_latest, mine, theirs, *names)
    fold.join(keep_earliest, mine, theirs, "first")
    join_newest(mine.asks, theirs.asks, thresholds.ASKS_MOST)
    _drop_answered(mine)
    for other in theirs.participants:
        known = entry(mine.participants, ParticipantFold, "key", other.key)
        keep_earliest(known.first, other.first)
        keep_latest(known.last, other.last)
    for name in ("order_ids", "offer_ids", "message_ids", "case_ids"):
        for text in getattr(theirs, name):
            include_text(getattr(mine, name), text)


# --- published state -----------------------------------------------------------------------------


def published(talk: AgentConversationFold) -> AgentConversationState:
    """What readers get of it."""
    most = thresholds.CONTEXT_MOST
    opening = ConversationStarted.FromString(talk.started.message)
    state = AgentConversationState(
        conversation_id=talk.conversation_id,
        topic=opening.topic,
        situation=opening.situation,
        summary=talk.summary.text,
        participants=_participants(talk),
        journeys=[JourneyRef(kind="order", journey_id=each) for each in talk.order_ids[:most]],
        offer_ids=talk.offer_ids[:most],
        message_ids=talk.message_ids[:most],
        case_ids=talk.case_ids[:most],
        call_id=talk.call.text,
        started_at_ms=talk.first.t_ms,
        updated_at_ms=talk.last.t_ms,
        channel_label=talk.last.text,
    )
    state.mode = cast("ConversationMode", talk.mode.number or CHAT)
    state.channel = cast("Channel", talk.last.number)
    state.call_status = cast("CallReported.Status", talk.call.number)
    _publish_standing(talk, state)
    if talk.HasField("message"):
        state.last_message.MergeFromString(talk.message.message)
        state.last_message.at_ms = talk.message.t_ms
    return state


def _publish_standing(talk: AgentConversationFold, state: AgentConversationState) -> None:
    """Where it stands; one of which nothing but its name is known is not open."""
    standing = talk_of(talk.machine)
    state.status, state.assignee, state.queue = standing.status, standing.assignee, standing.queue
    quotes = [*standing.quotes.values()][-thresholds.QUOTES_MOST :]
    state.quotes.extend(map(published_quote, quotes))
    state.open = talk.HasField("first") and standing.status != RESOLVED
    if state.open:
        state.waiting_since_ms = min((ask.t_ms for ask in talk.asks), default=0)
        state.unanswered = len(talk.asks)


def _participants(talk: AgentConversationFold) -> Iterable[ConversationParticipant]:
    """Last first."""
    newest = sorted(talk.participants, key=lambda each: order_of(each.last), reverse=True)
    for each in newest[: thresholds.PARTICIPANTS_MOST]:
        kind, _, name = each.key.partition("/")
        yield ConversationParticipant(
            actor=Actor(kind=cast("ActorKind", int(kind)), id=name),
            first_ms=each.first.t_ms,
            last_ms=each.last.t_ms,
            last_channel=cast("Channel", each.last.number),
        )


# --- how conversations are found -----------------------------------------------------------------


def _status_name(state: AgentConversationState) -> str:
    return ConversationStatusSet.Status.Name(state.status).removeprefix("STATUS_").lower()


def _mode_name(state: AgentConversationState) -> str:
    return ConversationMode.Name(state.mode).removeprefix("CONVERSATION_MODE_").lower()


def _told(name: str) -> Callable[[AgentConversationState], Iterable[str]]:
    """The value of a text field, where there is one."""
    return lambda shown: filter(None, (getattr(shown, name),))


def _flag(name: str) -> Callable[[AgentConversationState], Iterable[str]]:
    """Whether a field has a value: yes or no."""
    return lambda shown: ("yes" if getattr(shown, name) else "no",)


CONVERSATIONS = StoredView(
    Reactions(
        "conversations",
        version=1,
        begin=lambda name: AgentConversationFold(conversation_id=name),
        folds={
            "conversation_started": started,
            "conversation_message_added": message_added,
            "conversation_status_set": status_set,
            "conversation_channel_switched": switched,
            "call_reported": called,
            "quote_given": quote_given,
            "quote_answered": quote_answered,
            **dict.fromkeys(NAMING, named),
        },
        keys=_keys,
        join=join,
    ),
    "Conversations for an agent's screen: who waits since when, mode, last message, participants, "
    "journeys in context.",
    publish=published,
    index={
        "open": _flag("open"),
        "waiting": _flag("waiting_since_ms"),
        "status": lambda shown: (_status_name(shown),),
        "mode": lambda shown: (_mode_name(shown),),
        "channel": lambda shown: (channel_name(shown.channel),),
        "assignee": _told("assignee"),
        "queue": _told("queue"),
        "situation": _told("situation"),
    },
    updated_at_ms=lambda talk: talk.last.t_ms,
)
