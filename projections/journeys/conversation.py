"""Conversations: one id over chat, voice and video; messages in the order that the service gave.

A message's number is its place among the accepted transitions. Of messages that are far behind only
what tells a repeat is kept; the history has the rest.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from operator import attrgetter
from typing import Any, cast

from journey.v1 import errors_pb2 as reasons
from journey.v1.errors_pb2 import ErrorReason
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import (
    ConversationFold,
    JourneyFold,
    Machine,
    MachineTransition,
    Write,
)
from journey.v1.interactions_pb2 import (
    ConversationMode,
    ConversationStarted,
    ConversationStatusSet,
    QuoteAnswered,
)
from journey.v1.journeys_pb2 import (
    ConversationMessageState,
    ConversationQuoteState,
    ConversationState,
    Journey,
    QuoteStatus,
)
from projections import thresholds
from projections.fold import (
    Order,
    include_text,
    join,
    keep_greatest,
    keep_latest,
    order_of,
)
from projections.machines import Step, fingerprint, join_steps, stepped, steps_of
from projections.newest import join_newest, keep_newest_writes
from projections.projection import (
    Act,
    JourneyKind,
    MachineRule,
    Read,
    activity_by_intent,
    serialized,
)
from projections.published import keep_newest

DRAFT_FIELD = "draft"
MODES = frozenset(ConversationMode.values())
STATUSES = frozenset(ConversationStatusSet.Status.values())
OPEN = ConversationStatusSet.STATUS_OPEN
RESOLVED = ConversationStatusSet.STATUS_RESOLVED
CHAT = ConversationMode.CONVERSATION_MODE_CHAT
ANSWERS = {
    QuoteAnswered.ANSWER_ACCEPTED: QuoteStatus.QUOTE_STATUS_ACCEPTED,
    QuoteAnswered.ANSWER_DECLINED: QuoteStatus.QUOTE_STATUS_DECLINED,
    QuoteAnswered.ANSWER_WITHDRAWN: QuoteStatus.QUOTE_STATUS_WITHDRAWN,
}


# --- fold ----------------------------------------------------------------------------------------


def started(talk: ConversationFold, act: Act) -> None:
    """A conversation was opened, or opened again about something else."""
    keep_latest(talk.started, act.write(message=serialized(act.body)))
    _is_about(talk, act.body.offer_id, act.body.order_id)


def message_added(talk: ConversationFold, act: Act) -> None:
    """A message was written."""
    stepped(talk, act)
    _is_about(talk, "", act.body.order_id)
    _cut_behind(talk.machine, act.event.machine.home, act.event.machine.rev)


def _is_about(talk: ConversationFold, offer_id: str, order_id: str) -> None:
    if offer_id:
        include_text(talk.offer_ids, offer_id)
    if order_id:
        include_text(talk.order_ids, order_id)


def order_placed(talk: ConversationFold, act: Act) -> None:
    """An order came from the conversation."""
    _is_about(talk, "", act.event.interaction.journey.journey_id)


def _talk_of_order(event: Event) -> Iterable[str]:
    conversation_id = event.interaction.order_placed.conversation_id
    return (conversation_id,) if conversation_id else ()


def was_read(talk: ConversationFold, act: Act) -> None:
    """The customer read up to a message, or wants the conversation shown as unread."""
    keep_greatest(talk.read, act.write(number=min(act.body.up_to_no, _GREATEST)))
    keep_latest(talk.unread if act.body.marked_unread else talk.receipt, act.write())


_GREATEST = 2**63 - 1


def switched(talk: ConversationFold, act: Act) -> None:
    """The conversation goes on in another way."""
    if act.body.mode in MODES and act.body.mode:
        keep_latest(talk.mode, act.write(number=act.body.mode))
        keep_newest_writes(talk.modes, act.write(number=act.body.mode), thresholds.MODES_MOST)
    if act.body.summary:
        keep_latest(talk.summary, act.write(text=act.body.summary))


def input_saved(talk: ConversationFold, act: Act) -> None:
    """A draft was written or emptied."""
    if DRAFT_FIELD in act.body.fields:
        keep_latest(talk.draft, act.write(text=act.body.fields[DRAFT_FIELD].text))


def called(_talk: ConversationFold, _act: Act) -> None:
    """A call is activity; what was said in it nobody tells here."""


def merge(mine: ConversationFold, theirs: ConversationFold) -> None:
    """Join the second state into the first."""
    names = ("started", "receipt", "unread", "mode", "summary", "draft")
    join(keep_latest, mine, theirs, *names)
    join(keep_greatest, mine, theirs, "read")
    for offer_id in theirs.offer_ids:
        include_text(mine.offer_ids, offer_id)
    for order_id in theirs.order_ids:
        include_text(mine.order_ids, order_id)
    join_newest(mine.modes, theirs.modes, thresholds.MODES_MOST)
    join_steps(mine, theirs)
    _cut_old_messages(mine.machine)


_MESSAGE = "conversation_message_added"


def _cut_old_messages(machine: Machine) -> None:
    """Leave of each home's messages behind the newest only what tells a repeat."""
    of_home: defaultdict[str, list[MachineTransition]] = defaultdict(list)
    for transition in machine.transitions:
        if transition.write.text.startswith(_MESSAGE):
            of_home[transition.home].append(transition)
    for transitions in of_home.values():
        for transition in transitions[: -thresholds.MESSAGES_MOST]:
            _cut(transition)


def _cut_behind(machine: Machine, home: str, rev: int) -> None:
    """The same after one message: it pushed one behind, or came late; the others are cut."""
    known = machine.transitions
    end = bisect_right(known, home, key=attrgetter("home"))
    newest_first = (known[index] for index in range(end - 1, -1, -1))
    of_home = takewhile(lambda each: each.home == home, newest_first)
    messages = (each for each in of_home if each.write.text.startswith(_MESSAGE))
    behind = next(islice(messages, thresholds.MESSAGES_MOST, None), None)
    if behind is None:
        return
    _cut(behind)
    index = bisect_left(known, (home, rev), key=attrgetter("home", "rev"))
    if known[index].rev < behind.rev and known[index].write.text.startswith(_MESSAGE):
        _cut(known[index])


def _cut(transition: MachineTransition) -> None:
    said = Event.FromString(transition.write.message)
    if not said.content_hash:
        left = Event(content_hash=fingerprint(said, _MESSAGE))
        left.interaction.conversation_message_added.SetInParent()
        transition.write.message = serialized(left)


# --- where it stands -----------------------------------------------------------------------------


@dataclass(slots=True)
class Quote:
    """A quote, and how it was answered."""

    step: Step
    status: QuoteStatus = QuoteStatus.QUOTE_STATUS_OPEN


@dataclass(slots=True)
class Talk:
    """Where a conversation stands, as its accepted transitions say."""

    status: ConversationStatusSet.Status = OPEN
    resolved: Order | None = None
    assignee: str = ""
    queue: str = ""
    messages: list[Step] = field(default_factory=list)
    quotes: dict[str, Quote] = field(default_factory=dict)
    cut: bool = False

    def go_on(self, step: Step) -> None:
        """Go on from one transition."""
        match step.name:
            case "conversation_message_added":
                self._reopen()
                self.messages.append(step)
            case "conversation_status_set":
                self._set(step)
            case "quote_given":
                self.quotes.setdefault(step.body.quote_id, Quote(step))
            case "quote_answered":
                self._answer(step)

    def _reopen(self) -> None:
        if self.status == RESOLVED:
            self.status, self.resolved = OPEN, None

    def _set(self, step: Step) -> None:
        if step.body.status in STATUSES:
            self.status = step.body.status
        self.resolved = step.order if self.status == RESOLVED else None
        self.assignee = step.body.assignee or ("" if self.status == OPEN else self.assignee)
        self.queue = step.body.queue

    def _answer(self, step: Step) -> None:
        quote = self.quotes.get(step.body.quote_id)
        if quote is not None and quote.status == QuoteStatus.QUOTE_STATUS_OPEN:
            quote.status = ANSWERS.get(step.body.answer, quote.status)


def talk_of(machine: Machine) -> Talk:
    """Where it stands after all accepted transitions."""
    talk = Talk()
    for step in steps_of(machine):
        talk.go_on(step)
    return talk


# --- rule ----------------------------------------------------------------------------------------


def ended(conversation: ConversationFold, act: Act) -> bool:
    """It was resolved and nobody came back in time."""
    resolved = talk_of(conversation.machine).resolved
    if resolved is None:
        return False
    return act.event.occurrence.t_ms - resolved[0] > thresholds.REOPENED_WITHIN_MS


def forbidden(conversation: ConversationFold, act: Act, _read: Read) -> ErrorReason | None:
    """Quotes are answered once and in time; what is resolved is not resolved again."""
    talk = talk_of(conversation.machine)
    match act.name:
        case "quote_answered":
            wrong = not _may_answer(talk.quotes.get(act.body.quote_id), act)
        case "conversation_status_set":
            wrong = act.body.status == RESOLVED == talk.status
        case _:
            wrong = False
    return reasons.ERROR_REASON_STATE_CONFLICT if wrong else None


def _may_answer(quote: Quote | None, act: Act) -> bool:
    if quote is None or quote.status != QuoteStatus.QUOTE_STATUS_OPEN:
        return False
    in_time: bool = act.event.occurrence.t_ms <= quote.step.body.valid_until_ms
    return in_time or act.body.answer != QuoteAnswered.ANSWER_ACCEPTED


# --- published state -----------------------------------------------------------------------------


def publish(fold: JourneyFold, journey: Journey) -> Order | None:
    """Fill `journey.conversation` and `finished`; returns the activity."""
    kept, state = fold.conversation, journey.conversation
    talk = talk_of(kept.machine)
    _publish_registers(kept, state)
    state.status, state.assignee, state.queue = talk.status, talk.assignee, talk.queue
    _publish_messages(talk.messages, kept.modes, state)
    _publish_quotes([*talk.quotes.values()], state)
    journey.finished = talk.status == RESOLVED
    return activity_by_intent(fold)


def _publish_registers(kept: ConversationFold, state: ConversationState) -> None:
    opening = ConversationStarted.FromString(kept.started.message)
    state.topic, state.situation = opening.topic, opening.situation
    state.offer_ids.extend(kept.offer_ids)
    state.order_ids.extend(kept.order_ids)
    state.read_no = kept.read.number
    unread = kept.HasField("unread")
    state.marked_unread = unread and (
        not kept.HasField("receipt") or order_of(kept.unread) > order_of(kept.receipt)
    )
    state.mode = cast("ConversationMode", kept.mode.number)
    state.draft, state.summary = kept.draft.text, kept.summary.text


def _publish_messages(
    messages: Sequence[Step], modes: Iterable[Write], state: ConversationState
) -> None:
    """By number; of several homes by number, too, the one that moved last speaks."""
    whole = [step for step in messages if not step.event.content_hash]
    newest = sorted(whole, key=lambda step: (step.rev, step.order))[-thresholds.MESSAGES_MOST :]
    switches = sorted(modes, key=order_of)
    places = [order_of(write) for write in switches]
    for step in newest:
        told = _message(step)
        before = bisect_left(places, step.order)
        if before:
            told.mode = cast("ConversationMode", switches[before - 1].number)
        state.messages.append(told)
    orders = [step.order for step in newest]
    cut = keep_newest(state.messages, orders.__getitem__, thresholds.MESSAGES_MOST)
    state.more = cut or len(newest) < len(messages)
    state.last_no = max((step.rev for step in messages), default=0)


def _message(step: Step) -> ConversationMessageState:
    body: Any = step.body
    state = ConversationMessageState(
        no=step.rev,
        message_id=body.message_id,
        direction=body.direction,
        author=step.event.actor,
        channel=step.event.interaction.channel,
        attachments=body.attachments,
        in_reply_to=body.in_reply_to,
        at_ms=step.order[0],
    )
    match body.WhichOneof("content"):
        case "text":
            state.text = body.text
        case "text_ref":
            state.text_ref = body.text_ref
    return state


def _publish_quotes(quotes: Iterable[Quote], state: ConversationState) -> None:
    given = [*quotes]
    newest = given[-thresholds.MESSAGES_MOST :]
    state.quotes.extend(map(published_quote, newest))
    state.more = state.more or len(newest) < len(given)


def published_quote(quote: Quote) -> ConversationQuoteState:
    """A quote as devices get it."""
    body = quote.step.body
    return ConversationQuoteState(
        quote_id=body.quote_id,
        status=quote.status,
        valid_until_ms=body.valid_until_ms,
        total=body.total,
    )


MACHINE = frozenset({_MESSAGE, "conversation_status_set", "quote_given", "quote_answered"})

CONVERSATION = JourneyKind(
    name="conversation",
    folds={
        "conversation_started": started,
        "conversation_message_added": message_added,
        "conversation_read": was_read,
        "conversation_channel_switched": switched,
        "conversation_status_set": stepped,
        "call_reported": called,
        "quote_given": stepped,
        "quote_answered": stepped,
        "input_saved": input_saved,
        "order_placed": order_placed,
    },
    merge=merge,
    publish=publish,
    listed=lambda journey: journey.conversation.status != RESOLVED,
    archive_after_ms=lambda _: thresholds.ARCHIVE_AFTER_MS,
    concerns={"order_placed": _talk_of_order},
    rule=MachineRule(
        judged=MACHINE
        | {"conversation_started", "conversation_channel_switched", "call_reported", "input_saved"},
        forbidden=forbidden,
        ended=ended,
    ),
)
