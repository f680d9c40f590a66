"""`journey events`: what was recorded of a customer, or of everybody, and what comes in."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

from journey.v1.events_pb2 import Event, Outcome
from journey.v1.reading_pb2 import EventFilter
from journey_client import Client
from journey_service.cli import output
from journey_service.cli.output import Output

COLUMNS = ("version", "when", "type", "channel", "journey", "outcome", "content")
JOURNAL_COLUMNS = ("place", "customer", *COLUMNS[1:])
# Of a customer of several subjects, whose versions are each for itself.
SEVERAL_COLUMNS = ("version", "subject", *COLUMNS[1:])
# What tells most of a body stands first in its short form; ids and what repeats them, last.
_TELLING = ("point_ms", "quantity", "line_key", "text", "line", "product", "sku", "query", "value")
PURPOSE = "necessary"
_LONGEST_CONTENT = 60
# Written also where they are 0, as the first partition is: programs add and compare them.
_ALWAYS = ("partition", "position", "version")


async def events(
    client: Client,
    out: Output,
    *,
    subject_id: str,
    wanted: EventFilter,
    limit: int,
    backwards: bool,
    follow: bool,
) -> int:
    """Print events; returns how many. With `follow` until stopped."""
    found = (
        _following(client, subject_id, wanted, limit)
        if follow
        else _once(client, subject_id, wanted, limit, backwards=backwards)
    )
    printed = 0
    subjects = set[str]()
    async for page in found:
        printed += len(page)
        subjects.update(event.subject_id for event in page)
        if out.as_json:
            for event in page:
                out.record(record_of(event))
        elif page:
            tell(out, page, whole_journal=not subject_id, several=len(subjects) > 1)
    return printed


def tell(
    out: Output, page: Sequence[Event], *, whole_journal: bool = False, several: bool = False
) -> None:
    """Print some events as a table. `several`: of more than one subject, so it is told of which."""
    if whole_journal or not several:
        rows = (row_of(event, whole_journal=whole_journal) for event in page)
        out.table(JOURNAL_COLUMNS if whole_journal else COLUMNS, rows)
        return
    shown = (list(row_of(event, whole_journal=False)) for event in page)
    named = (
        (version, event.subject_id, *rest)
        for event, (version, *rest) in zip(page, shown, strict=True)
    )
    out.table(SEVERAL_COLUMNS, named)


async def _once(
    client: Client, subject_id: str, wanted: EventFilter, limit: int, *, backwards: bool
) -> AsyncIterator[tuple[Event, ...]]:
    """What is there now. A customer's events come as they happened, all of them in one page."""
    if not subject_id:
        async for page in client.read_events(filter=wanted, backwards=backwards, limit=limit):
            yield page.events
        return
    found: list[Event] = []
    async for event in client.customer(subject_id).events(filter=wanted, descending=backwards):
        found.append(event)
        if len(found) == limit:
            break
    yield tuple(found)


async def _following(
    client: Client, subject_id: str, wanted: EventFilter, limit: int
) -> AsyncIterator[tuple[Event, ...]]:
    """What is there and then what is recorded, in the order in which the service learns it."""
    left = limit
    subscription = client.subscribe(
        own_name("events"), subject_id=subject_id, filter=wanted, purpose=PURPOSE
    )
    # The stream is opened again for ever; whether anybody serves at all is told at once.
    await client.server_info()
    async with subscription:
        async for batch in subscription.batches():
            yield batch.events[:left] if limit else batch.events
            left -= len(batch.events)
            if limit and left <= 0:
                return


def own_name(command: str) -> str:
    """A consumer's name that no other has: two at a time do not replace one another."""
    return f"{command}-{uuid.uuid4().hex[:12]}"


def record_of(event: Event) -> dict[str, Any]:
    """An event for programs: the message with the schema's names, times also as text."""
    made = output.message(event)
    for name in _ALWAYS:
        # As 64-bit numbers are written in JSON that comes of a schema; partitions are smaller.
        made.setdefault(name, 0 if name == "partition" else "0")
    made["occurred_at"] = output.iso(event.occurrence.t_ms)
    made["recorded_at"] = output.iso(event.recorded_at_ms)
    return made


def row_of(event: Event, *, whole_journal: bool) -> tuple[str, ...]:
    """An event for people."""
    journey = event.interaction.journey
    channel = output.channel(event.interaction.channel, event.interaction.channel_label)
    outcome = Outcome.Name(event.outcome).removeprefix("OUTCOME_").lower()
    common = (
        output.moment(event.occurrence.t_ms),
        event.type,
        channel,
        f"{journey.kind}/{journey.journey_id}" if journey.kind else "",
        outcome + (" late" if event.late else ""),
        content_of(event),
    )
    if whole_journal:
        return (f"{event.partition}/{event.position}", event.subject_id, *common)
    return (str(event.version), *common)


def content_of(event: Event) -> str:
    """The body in short."""
    body = event.interaction.WhichOneof("body")
    if body is None:
        return "(removed)" if event.redacted or event.thinned else ""
    told = _telling_first(output.message(getattr(event.interaction, body)))
    text = json.dumps(told, ensure_ascii=False)
    return text if len(text) <= _LONGEST_CONTENT else text[: _LONGEST_CONTENT - 1] + "…"


def _telling_first(value: Any) -> Any:
    """The same JSON with what tells most in front, and ids behind."""
    if isinstance(value, list):
        return [_telling_first(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _telling_first(value[name]) for name in sorted(value, key=_rank)}


def _rank(name: str) -> int:
    if name in _TELLING:
        return _TELLING.index(name)
    return len(_TELLING) + name.endswith("_id")
