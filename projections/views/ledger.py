"""Messages and contacts of a customer: what went out on which channel, and how far it came.

With it nobody is told the same twice, or too often.

The newest of each sort are kept as they were recorded; what belongs together (a message and its
outcomes, the reports of a call) is put together when the ledger is read. Texts are not in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer as Repeated

from journey.v1.folds_pb2 import Write
from journey.v1.interactions_pb2 import (
    CallReported,
    ConversationMessageAdded,
    MessageOutcomeReported,
    MessageSent,
)
from journey.v1.view_folds_pb2 import LedgerCampaignFold, LedgerFold
from journey.v1.views_pb2 import (
    ContactDirection,
    ContactKind,
    ContactStatus,
    LedgerCampaign,
    LedgerDay,
    LedgerEntry,
    LedgerState,
)
from projections import thresholds
from projections.fold import entry, keep_latest, order_of
from projections.newest import join_newest, keep_newest_writes
from projections.one_journey import CHANNELS
from projections.projection import Act, serialized
from projections.published import DAY_MS, keep_newest
from projections.reactions import Reactions, only_key
from projections.view import StoredView

IN, OUT = ContactDirection.CONTACT_DIRECTION_IN, ContactDirection.CONTACT_DIRECTION_OUT
SENT = ContactStatus.CONTACT_STATUS_SENT
DIRECTIONS: Mapping[int, ContactDirection] = {
    ConversationMessageAdded.DIRECTION_IN: IN,
    ConversationMessageAdded.DIRECTION_OUT: OUT,
}
# The furthest of them is told; the last three are about more than this message.
OUTCOMES: Mapping[int, ContactStatus] = {
    MessageOutcomeReported.OUTCOME_DELIVERED: ContactStatus.CONTACT_STATUS_DELIVERED,
    MessageOutcomeReported.OUTCOME_OPENED: ContactStatus.CONTACT_STATUS_OPENED,
    MessageOutcomeReported.OUTCOME_CLICKED: ContactStatus.CONTACT_STATUS_CLICKED,
    MessageOutcomeReported.OUTCOME_BOUNCED: ContactStatus.CONTACT_STATUS_BOUNCED,
    MessageOutcomeReported.OUTCOME_COMPLAINED: ContactStatus.CONTACT_STATUS_COMPLAINED,
    MessageOutcomeReported.OUTCOME_UNSUBSCRIBED: ContactStatus.CONTACT_STATUS_UNSUBSCRIBED,
}
CALLS: Mapping[int, ContactStatus] = {
    CallReported.STATUS_STARTED: ContactStatus.CONTACT_STATUS_STARTED,
    CallReported.STATUS_ENDED: ContactStatus.CONTACT_STATUS_ENDED,
    CallReported.STATUS_MISSED: ContactStatus.CONTACT_STATUS_MISSED,
    CallReported.STATUS_FAILED: ContactStatus.CONTACT_STATUS_FAILED,
}
MODES = frozenset(CallReported.Mode.values())
CATEGORIES = frozenset(MessageSent.Category.values())
# Of a message of a category, or of all.
ANY_CATEGORY = MessageSent.CATEGORY_UNSPECIFIED


# --- fold ----------------------------------------------------------------------------------------


def sent(ledger: LedgerFold, act: Act) -> None:
    """The shop sent a message."""
    body = act.body
    told = _entry(act, ContactKind.CONTACT_KIND_MESSAGE, body.message_id, OUT)
    told.category = body.category if body.category in CATEGORIES else ANY_CATEGORY
    told.template_id, told.campaign_id = body.template_id, body.campaign_id
    told.offer_id, told.order_id = body.offer_id, body.order_id
    told.conversation_id, told.text_ref = body.conversation_id, body.text_ref
    write = act.write(text=body.message_id, message=serialized(told))
    keep_newest_writes(ledger.sent, write, thresholds.SENT_MOST)
    if body.campaign_id:
        last = act.write(text=body.message_id, number=told.channel)
        _keep_campaign(ledger.campaigns, body.campaign_id, last)


def outcome_reported(ledger: LedgerFold, act: Act) -> None:
    """Something became of a message."""
    if act.body.outcome in OUTCOMES:
        write = act.write(text=act.body.message_id, number=act.body.outcome)
        keep_newest_writes(ledger.outcomes, write, thresholds.OUTCOMES_MOST)


def chatted(ledger: LedgerFold, act: Act) -> None:
    """A message of a conversation was written."""
    direction = DIRECTIONS.get(act.body.direction, ContactDirection.CONTACT_DIRECTION_UNSPECIFIED)
    told = _entry(act, ContactKind.CONTACT_KIND_CHAT, act.body.message_id, direction)
    told.status, told.order_id = SENT, act.body.order_id
    told.text_ref = act.body.text_ref
    _in_conversation(ledger, act, told)


def called(ledger: LedgerFold, act: Act) -> None:
    """A call began, ended or failed."""
    direction = ContactDirection.CONTACT_DIRECTION_UNSPECIFIED
    told = _entry(act, ContactKind.CONTACT_KIND_CALL, act.body.call_id, direction)
    told.status = CALLS.get(act.body.status, ContactStatus.CONTACT_STATUS_UNSPECIFIED)
    told.duration_ms = act.body.duration_ms
    if act.body.mode in MODES:
        told.mode = act.body.mode
    _in_conversation(ledger, act, told)


def visited(ledger: LedgerFold, act: Act) -> None:
    """The customer came to a store."""
    told = _entry(act, ContactKind.CONTACT_KIND_VISIT, act.body.store.store_id, IN)
    told.store.CopyFrom(act.body.store)
    _keep_contact(ledger, act, told)


def _in_conversation(ledger: LedgerFold, act: Act, told: LedgerEntry) -> None:
    told.conversation_id = act.event.interaction.journey.journey_id
    _keep_contact(ledger, act, told)


def _keep_contact(ledger: LedgerFold, act: Act, told: LedgerEntry) -> None:
    write = act.write(text=told.id, message=serialized(told))
    keep_newest_writes(ledger.contacts, write, thresholds.CONTACTS_MOST)


def _entry(act: Act, kind: ContactKind, name: str, direction: ContactDirection) -> LedgerEntry:
    interaction = act.event.interaction
    return LedgerEntry(
        kind=kind,
        id=name,
        direction=direction,
        channel=interaction.channel if interaction.channel in CHANNELS else None,
        channel_label=interaction.channel_label,
        actor=act.event.actor,
    )


def _keep_campaign(campaigns: Repeated[LedgerCampaignFold], campaign_id: str, last: Write) -> None:
    """Keep the campaigns that were sent last."""
    keep_latest(entry(campaigns, LedgerCampaignFold, "campaign_id", campaign_id).last, last)
    if len(campaigns) > thresholds.CAMPAIGNS_MOST:
        oldest = min(range(len(campaigns)), key=lambda index: order_of(campaigns[index].last))
        del campaigns[oldest]


def join(mine: LedgerFold, theirs: LedgerFold) -> None:
    """Join the second state into the first."""
    join_newest(mine.sent, theirs.sent, thresholds.SENT_MOST)
    join_newest(mine.contacts, theirs.contacts, thresholds.CONTACTS_MOST)
    join_newest(mine.outcomes, theirs.outcomes, thresholds.OUTCOMES_MOST)
    for campaign in theirs.campaigns:
        _keep_campaign(mine.campaigns, campaign.campaign_id, campaign.last)


# --- published state -----------------------------------------------------------------------------


def published(ledger: LedgerFold) -> LedgerState:
    """What readers get of it."""
    messages = [*_messages(ledger)]
    entries: list[LedgerEntry] = [*messages, *_contacts(ledger)]
    entries.sort(key=_newest_first)
    state = LedgerState(
        entries=entries, days=_days(messages), campaigns=map(_campaign, ledger.campaigns)
    )
    state.more = (
        keep_newest(state.entries, lambda index: -index, most_bytes=thresholds.MOVES_BYTES)
        | keep_newest(
            state.campaigns,
            lambda index: order_of(ledger.campaigns[index].last),
            most_bytes=thresholds.SIDE_LIST_BYTES,
        )
        or len(ledger.sent) >= thresholds.SENT_MOST
        or len(ledger.contacts) >= thresholds.CONTACTS_MOST
    )
    return state


def _newest_first(told: LedgerEntry) -> tuple[int, int, str, str]:
    return (-told.at_ms, told.kind, told.id, told.conversation_id)


def _messages(ledger: LedgerFold) -> Iterator[LedgerEntry]:
    """Each message once, as it was told first, with the furthest of its outcomes."""
    outcomes = _by(ledger.outcomes, attrgetter("text"))
    for message_id, writes in _by(ledger.sent, attrgetter("text")).items():
        told = _told(writes[0])
        told.status, told.status_at_ms = SENT, told.at_ms
        for write in outcomes.get(message_id, ()):
            status = OUTCOMES[write.number]
            if status > told.status:
                told.status, told.status_at_ms = status, write.t_ms
        yield told


def _contacts(ledger: LedgerFold) -> Iterator[LedgerEntry]:
    """Chats and visits as they were told, reports of one call as one."""
    calls: dict[str, LedgerEntry] = {}
    chats: set[tuple[str, str]] = set()
    for write in sorted(ledger.contacts, key=order_of):
        told = _told(write)
        told.status_at_ms = told.at_ms if told.status else 0
        name = (told.conversation_id, told.id)
        if told.kind == ContactKind.CONTACT_KIND_CALL:
            _go_on(calls.setdefault(told.id, told), told)
        elif told.kind == ContactKind.CONTACT_KIND_VISIT or name not in chats:
            chats.add(name)
            yield told
    yield from calls.values()


def _go_on(call: LedgerEntry, report: LedgerEntry) -> None:
    """What a later report says of a call."""
    call.status, call.status_at_ms = report.status, report.at_ms
    call.duration_ms = max(call.duration_ms, report.duration_ms)


def _by(writes: Iterable[Write], key: attrgetter[str]) -> dict[str, list[Write]]:
    """Writes by key, the earliest first."""
    found: dict[str, list[Write]] = {}
    for write in sorted(writes, key=order_of):
        found.setdefault(key(write), []).append(write)
    return found


def _told(write: Write) -> LedgerEntry:
    told = LedgerEntry.FromString(write.message)
    told.at_ms = write.t_ms
    return told


def _days(messages: Sequence[LedgerEntry]) -> Iterator[LedgerDay]:
    """How many of the messages went out on each day, newest day first."""
    counts = Counter(
        (-(each.at_ms // DAY_MS), each.channel, each.channel_label, each.category)
        for each in messages
    )
    for (day, channel, label, category), count in sorted(counts.items()):
        yield LedgerDay(
            day_ms=-day * DAY_MS,
            channel=channel,
            channel_label=label,
            category=category,
            sent=count,
        )


def _campaign(campaign: LedgerCampaignFold) -> LedgerCampaign:
    last = campaign.last
    told = LedgerCampaign(
        campaign_id=campaign.campaign_id, message_id=last.text, sent_at_ms=last.t_ms
    )
    told.channel = last.number  # type: ignore[assignment]  # a known number
    return told


def sent_since(
    ledger: LedgerState, since_ms: int, category: MessageSent.Category = ANY_CATEGORY
) -> int:
    """How many messages of a category (none = all) went out since a time, ms since 1970 UTC.

    Of those that the ledger keeps. The sender of the next one says whether that is too much.
    """
    return sum(
        each.kind == ContactKind.CONTACT_KIND_MESSAGE
        and each.at_ms >= since_ms
        and category in {ANY_CATEGORY, each.category}
        for each in ledger.entries
    )


def updated_at_ms(ledger: LedgerFold) -> int:
    """When the last of them happened, ms since 1970 UTC."""
    writes = (*ledger.sent, *ledger.contacts, *ledger.outcomes)
    return max((write.t_ms for write in writes), default=0)


LEDGER = StoredView(
    Reactions(
        "ledger",
        version=1,
        begin=lambda _: LedgerFold(),
        folds={
            "message_sent": sent,
            "message_outcome_reported": outcome_reported,
            "conversation_message_added": chatted,
            "call_reported": called,
            "store_visited": visited,
        },
        keys=only_key,
        join=join,
    ),
    "Messages and contacts of a customer: direction, channel, campaign, how far each came, and how "
    "many a day.",
    publish=published,
    index={
        "campaign": lambda shown: (each.campaign_id for each in shown.campaigns),
        "message": lambda shown: (each.id for each in shown.entries if each.campaign_id),
    },
    updated_at_ms=updated_at_ms,
)
