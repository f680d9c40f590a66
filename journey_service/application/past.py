"""A customer at a point in the past: which of its events count there, and their folds.

What the service knew at a token is a prefix of the stream; what it knew at a moment is what was
recorded by then; what had happened by a moment is what occurred by then, as known today. The events
that count are folded anew, so the answer depends on nothing that is stored beside them: it is the
same before and after a rebuild. What follows from the time that went by (archived, finished) is
told as of that moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from journey.v1.events_pb2 import Event
from journey.v1.reading_pb2 import AsOf
from journey_service.application.context import Context
from journey_service.application.reader import SubjectView
from journey_service.application.tokens import keeps_version
from journey_service.domain.errors import (
    CheckpointAhead,
    FieldViolations,
    JournalRewound,
    TokenMismatch,
)
from journey_service.domain.identity import partition_of
from journey_service.domain.tokens import Checkpoint, StateToken, WriteToken, subject_hash

PAGE = 500
# Events folded before others on the event loop have their turn.
BREATH = 50
OF_ANOTHER = "The token is of another customer: use it for the one that it was made for."
Counts = Callable[[Event], bool]


@dataclass(frozen=True, slots=True)
class Past:
    """A point in the past of a customer.

    Of the events up to `up_to_version` those count that `counts` says. `moment_ms` is when it was,
    ms since 1970 UTC; 0 before the first event.
    """

    subject_id: str
    up_to_version: int
    moment_ms: int
    counts: Counts

    def holds(self, event: Event) -> bool:
        """Whether an event of the customer's stream counts."""
        return event.version <= self.up_to_version and self.counts(event)


async def past_of(context: Context, subject_id: str, as_of: AsOf, *, named: str = "as_of") -> Past:
    """The point that is meant; `named` is the field that says it.

    Raises FieldViolations for none and for times that are still to come, TokenMismatch for tokens
    of others, CheckpointAhead and JournalRewound for places that this journal does not have.
    """
    head = (await context.journal.stream_head(subject_id)).version
    match as_of.WhichOneof("point"):
        case "token":
            return await _at_token(context, subject_id, as_of.token, head, f"{named}.token")
        case "recorded_ms":
            at_ms = _gone_by(context, as_of.recorded_ms, f"{named}.recorded_ms")
            return Past(subject_id, head, at_ms, lambda event: event.recorded_at_ms <= at_ms)
        case "occurred_ms":
            at_ms = _gone_by(context, as_of.occurred_ms, f"{named}.occurred_ms")
            return Past(subject_id, head, at_ms, lambda event: event.occurrence.t_ms <= at_ms)
        case _:
            raise FieldViolations.one(named, "one of token, recorded_ms, occurred_ms")


def everything(_: Event) -> bool:
    """What counts of a prefix of a stream."""
    return True


def at_version(subject_id: str, version: int, moment_ms: int) -> Past:
    """The customer when its stream stood at a version."""
    return Past(subject_id, version, moment_ms, everything)


async def pages(
    context: Context, past: Past, *, after_version: int = 0
) -> AsyncIterator[Sequence[Event]]:
    """The events that count, by version; a page may be empty."""
    while after_version < past.up_to_version:
        page = await context.journal.read_stream(
            past.subject_id,
            after_version=after_version,
            up_to_version=past.up_to_version,
            limit=PAGE,
        )
        if not page:
            return
        after_version = page[-1].version
        yield [event for event in page if past.counts(event)]


async def view_at(context: Context, past: Past) -> SubjectView:
    """All journeys of the customer then, with the devices that its installations are on."""
    view = SubjectView(past.subject_id)
    async for page in pages(context, past):
        for begin in range(0, len(page), BREATH):
            view.apply(page[begin : begin + BREATH])
            await asyncio.sleep(0)
    if not view.knows_its_devices():
        await context.reader.name_devices(view)
    return view


async def told_of(context: Context, past: Past) -> str:
    """The moment in words for one who finds nothing there, with when the first event came."""
    first = await context.journal.read_stream(past.subject_id, limit=1)
    began = f"; its first event was recorded at {_iso(first[0].recorded_at_ms)}" if first else ""
    return f"at {_iso(past.moment_ms)}{began}" if past.moment_ms else f"at that point{began}"


# --- tokens --------------------------------------------------------------------------------------


async def version_at_token(
    context: Context,
    subject_id: str,
    token: StateToken | WriteToken | Checkpoint,
    head: int,
    *,
    field: str,
) -> int:
    """Where the customer's stream stood at a token; `head` is where it stands now.

    Raises TokenMismatch with the field, CheckpointAhead, JournalRewound.
    """
    version = await _version_of(context, subject_id, token, head, field)
    if version > head:
        raise CheckpointAhead(f"The token is ahead of the customer's stream, which ends at {head}.")
    return version


async def _at_token(context: Context, subject_id: str, text: str, head: int, field: str) -> Past:
    token = _opened(context, text, field)
    version = await version_at_token(context, subject_id, token, head, field=field)
    issued_ms = 0 if isinstance(token, WriteToken) else token.issued_ms
    return at_version(
        subject_id, version, issued_ms or await _recorded_ms(context, subject_id, version)
    )


def _opened(context: Context, text: str, field: str) -> StateToken | WriteToken | Checkpoint:
    try:
        return context.tokens.open_at_least(text)
    except TokenMismatch as error:
        raise TokenMismatch(error.message, field=field) from None


async def _version_of(
    context: Context,
    subject_id: str,
    token: StateToken | WriteToken | Checkpoint,
    head: int,
    field: str,
) -> int:
    """Where the customer's stream stood at a token."""
    if not token.versions and isinstance(token, Checkpoint):
        return await _version_in_journal(context, subject_id, token, head, field)
    version = token.versions.get(subject_hash(subject_id))
    if version is None:
        raise TokenMismatch(OF_ANOTHER, field=field)
    if not await keeps_version(context, token.epoch, subject_id, version):
        raise JournalRewound
    return version


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


async def _recorded_ms(context: Context, subject_id: str, version: int) -> int:
    found = await context.journal.read_stream(
        subject_id, after_version=version - 1, up_to_version=version, limit=1
    )
    return found[0].recorded_at_ms if found else 0


# --- times ---------------------------------------------------------------------------------------


def _gone_by(context: Context, at_ms: int, field: str) -> int:
    """A moment that has gone by: of what is still to come, the answer would be another later."""
    if not 0 <= at_ms <= context.clock.now_ms():
        raise FieldViolations.one(field, "a moment that has gone by, ms since 1970 UTC")
    return at_ms


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1_000, UTC).isoformat(timespec="milliseconds")
