"""A customer at a point in the past: which of its events count there, and their folds.

What the service knew at a token is a prefix of each stream; what it knew at a moment is what was
recorded by then; what had happened by a moment is what occurred by then, as known today. Whose
streams they are follows from the links that were made by then; a token names them itself. The
events that count are folded anew, so the answer depends on nothing that is stored beside them: it
is the same before and after a rebuild. What follows from the time that went by (archived, finished)
is told as of that moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from journey.v1.events_pb2 import Event
from journey.v1.reading_pb2 import AsOf
from journey_service.application.context import Context
from journey_service.application.customer_view import CustomerView
from journey_service.application.in_order import Pages, as_recorded, in_order
from journey_service.application.sources import heads_of, sources_of_members
from journey_service.application.tokens import keeps_version
from journey_service.domain.customers import Customer, Link, Member
from journey_service.domain.errors import (
    CheckpointAhead,
    FieldViolations,
    JournalRewound,
    TokenMismatch,
)
from journey_service.domain.identity import partition_of
from journey_service.domain.tokens import Checkpoint, StateToken, WriteToken, subject_hash

PAGE = 500
# How far from each other a link is made and recorded at most, whatever the clocks of processes say.
NEAR_MS = 5_000
# Events folded before others on the event loop have their turn.
BREATH = 50
OF_ANOTHER = "The token is of another customer: use it for the one that it was made for."
Counts = Callable[[Event], bool]


@dataclass(frozen=True, slots=True)
class Past:
    """A point in the past of the customer that a subject then belonged to.

    Of the events up to `versions`, by subject id, those count that `counts` says. `moment_ms` is
    when it was, ms since 1970 UTC; 0 before the first event.
    """

    subject_id: str
    versions: Mapping[str, int]
    moment_ms: int
    counts: Counts

    def holds(self, event: Event) -> bool:
        """Whether an event counts."""
        return event.version <= self.versions.get(event.subject_id, 0) and self.counts(event)


async def past_of(
    context: Context, customer: Customer, subject_id: str, as_of: AsOf, *, named: str = "as_of"
) -> Past:
    """The point that is meant, of a subject of the customer; `named` is the field that says it.

    Raises FieldViolations for none and for times that are still to come, TokenMismatch for tokens
    of others, CheckpointAhead and JournalRewound for places that this journal does not have.
    """
    match as_of.WhichOneof("point"):
        case "token":
            return await _at_token(context, customer, subject_id, as_of.token, f"{named}.token")
        case "recorded_ms":
            at_ms = _gone_by(context, as_of.recorded_ms, f"{named}.recorded_ms")
            heads = await heads_of(context, await _known_by(context, customer, subject_id, at_ms))
            return Past(subject_id, heads, at_ms, lambda event: event.recorded_at_ms <= at_ms)
        case "occurred_ms":
            at_ms = _gone_by(context, as_of.occurred_ms, f"{named}.occurred_ms")
            heads = await heads_of(context, customer.linked_at(subject_id, at_ms))
            return Past(subject_id, heads, at_ms, lambda event: event.occurrence.t_ms <= at_ms)
        case _:
            raise FieldViolations.one(named, "one of token, recorded_ms, occurred_ms")


def everything(_: Event) -> bool:
    """What counts of a prefix of a stream."""
    return True


def at_versions(subject_id: str, versions: Mapping[str, int], moment_ms: int) -> Past:
    """The customer when its streams stood at these versions."""
    return Past(subject_id, versions, moment_ms, everything)


async def pages(context: Context, past: Past, *, behind: Mapping[str, int] | None = None) -> Pages:
    """The events that count, as they were recorded; of each stream those behind a version."""
    first = behind or {}
    streams = [_stream(context, past, name, first.get(name, 0)) for name in past.versions]
    async for page in in_order(streams, as_recorded):
        yield page


async def _stream(context: Context, past: Past, subject_id: str, after_version: int) -> Pages:
    """What counts of one stream, by version; a page may be empty."""
    up_to_version = past.versions[subject_id]
    while after_version < up_to_version:
        page = await context.journal.read_stream(
            subject_id, after_version=after_version, up_to_version=up_to_version, limit=PAGE
        )
        if not page:
            return
        after_version = page[-1].version
        yield [event for event in page if past.counts(event)]


async def view_at(context: Context, past: Past) -> CustomerView:
    """All journeys of the customer then, with the devices that its installations are on."""
    view = CustomerView(past.subject_id)
    async for page in pages(context, past):
        for begin in range(0, len(page), BREATH):
            view.fold(page[begin : begin + BREATH])
            await asyncio.sleep(0)
    if not view.knows_its_devices():
        await context.reader.name_devices(view, past.versions)
    return view


def lead_then(customer: Customer, past: Past) -> str:
    """The customer's id then: that of the lead among those who belonged to it."""
    known = {member.subject_id: member for member in customer.members}
    return Customer(tuple(known.get(name, Member(name)) for name in past.versions)).customer_id


async def told_of(context: Context, past: Past) -> str:
    """The moment in words for one who finds nothing there, with when the first event came."""
    first = [
        event.recorded_at_ms
        for subject_id in past.versions
        for event in await context.journal.read_stream(subject_id, limit=1)
    ]
    began = f"; its first event was recorded at {_iso(min(first))}" if first else ""
    return f"at {_iso(past.moment_ms)}{began}" if past.moment_ms else f"at that point{began}"


# --- tokens --------------------------------------------------------------------------------------


async def versions_at_token(
    context: Context,
    members: Collection[str],
    token: StateToken | WriteToken | Checkpoint,
    *,
    field: str,
) -> dict[str, int]:
    """Where the streams of these members stood at a token; of a customer's those that it names.

    Raises TokenMismatch with the field, CheckpointAhead, JournalRewound.
    """
    heads = await heads_of(context, members)
    if not token.versions and isinstance(token, Checkpoint):
        return {
            name: await _version_in_journal(context, name, token, head, field)
            for name, head in heads.items()
        }
    named = {name: token.versions.get(subject_hash(name)) for name in members}
    versions = {name: version for name, version in named.items() if version is not None}
    if not versions:
        raise TokenMismatch(OF_ANOTHER, field=field)
    for name, version in versions.items():
        if not await keeps_version(context, token.epoch, name, version):
            raise JournalRewound
        if version > heads[name]:
            raise CheckpointAhead(
                f"The token is ahead of the customer's stream, which ends at {heads[name]}."
            )
    return versions


async def _at_token(
    context: Context, customer: Customer, subject_id: str, text: str, field: str
) -> Past:
    token = _opened(context, text, field)
    of_journal = not token.versions and isinstance(token, Checkpoint)
    named = [subject_id] if of_journal else customer.subject_ids
    versions = await versions_at_token(context, named, token, field=field)
    moment_ms = 0 if isinstance(token, WriteToken) else token.issued_ms
    moment_ms = moment_ms or await _recorded_ms(context, versions)
    known = await _known_by(context, customer, subject_id, moment_ms)
    others = [name for name in known if name not in versions]
    if of_journal and others:
        versions |= await versions_at_token(context, others, token, field=field)
    elif not isinstance(token, StateToken):
        # It may name one stream, that was written or read alone; what the service knew was more.
        for source in await sources_of_members(context, others):
            versions[source.subject_id] = await source.first_recorded_at(moment_ms + 1) - 1
    return at_versions(subject_id, versions, moment_ms)


def _opened(context: Context, text: str, field: str) -> StateToken | WriteToken | Checkpoint:
    try:
        return context.tokens.open_at_least(text)
    except TokenMismatch as error:
        raise TokenMismatch(error.message, field=field) from None


async def _version_in_journal(
    context: Context, subject_id: str, checkpoint: Checkpoint, head: int, field: str
) -> int:
    """The last version in the part of the journal that a checkpoint covers."""
    journal = context.journal
    partition = partition_of(subject_id, journal.partition_count)
    position = checkpoint.positions.get(partition)
    if position is None:
        raise TokenMismatch("The checkpoint says nothing of the customer.", field=field)
    if checkpoint.epoch != journal.epoch and not await journal.keeps(
        checkpoint.epoch, partition, position
    ):
        raise JournalRewound
    if position > (await journal.heads())[partition]:
        raise CheckpointAhead
    low, high = 0, head
    while low < high:
        middle = (low + high + 1) // 2
        if await journal.position_of(subject_id, middle) <= position:
            low = middle
        else:
            high = middle - 1
    return low


async def _recorded_ms(context: Context, versions: Mapping[str, int]) -> int:
    """When the last of the events at these versions was recorded; 0 = there is none."""
    last_ms = 0
    for subject_id, version in versions.items():
        found = await context.journal.read_stream(
            subject_id, after_version=version - 1, up_to_version=version, limit=1
        )
        last_ms = max([last_ms, *(event.recorded_at_ms for event in found)])
    return last_ms


# --- links ---------------------------------------------------------------------------------------


async def _known_by(
    context: Context, customer: Customer, subject_id: str, at_ms: int
) -> tuple[str, ...]:
    """Whom the service knew a subject to be one customer with, by the links recorded by then.

    A link is recorded a moment after it was made, with what it does to the carts.
    """
    links = [
        await _as_recorded(context, link) if abs(link.made_at_ms - at_ms) < NEAR_MS else link
        for link in customer.links
    ]
    return replace(customer, links=tuple(links)).linked_at(subject_id, at_ms)


async def _as_recorded(context: Context, link: Link) -> Link:
    """The link as made when its event was recorded."""
    (source,) = await sources_of_members(context, [link.subject_a])
    behind = await source.first_recorded_at(link.made_at_ms - NEAR_MS) - 1
    up_to = await source.first_recorded_at(link.made_at_ms + NEAR_MS)
    while page := await source.read(behind, up_to, PAGE):
        for event in page:
            if event.interaction.subjects_linked.link_id == link.link_id:
                return replace(link, made_at_ms=event.recorded_at_ms)
        behind = page[-1].version
    return link


# --- times ---------------------------------------------------------------------------------------


def _gone_by(context: Context, at_ms: int, field: str) -> int:
    """A moment that has gone by: of what is still to come, the answer would be another later."""
    if not 0 <= at_ms <= context.clock.now_ms():
        raise FieldViolations.one(field, "a moment that has gone by, ms since 1970 UTC")
    return at_ms


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1_000, UTC).isoformat(timespec="milliseconds")
