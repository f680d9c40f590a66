"""`journey groups`: groups of consumers, listed, made, moved, tried out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any, cast

from journey.v1.groups_pb2 import Group, OnPark, SeekGroupResponse
from journey.v1.reading_pb2 import EndPoint, StartPoint
from journey_client import Client, Deliveries, Delivery, Retry
from journey_client.errors import DeliveryUnknown, LeaseLost
from journey_service.cli import history, output
from journey_service.cli.durations import rounded, written
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.output import Output, Record
from journey_service.cli.running import stop_signals

# What the tokens carry that commands make for themselves.
SCOPES = ("group.*",)
GROUPS = ("group", "consumers", "in flight", "backlog", "parked", "held", "oldest", "on park")
# How names of values of enums begin in JSON.
_ENUM = re.compile("(ACTOR_KIND|CHANNEL|OUTCOME)_")
ON_PARK = ("hold", "continue")


def on_park_of(typed: str) -> OnPark:
    """HOLD or CONTINUE by its name; empty: the default. Raises Refusal."""
    if typed and typed not in ON_PARK:
        raise Refusal(f"--on-park {typed}: write {' or '.join(ON_PARK)}", status=Exit.USAGE)
    return cast("OnPark", OnPark.Value(f"ON_PARK_{typed.upper() or 'UNSPECIFIED'}"))


async def list_groups(client: Client, out: Output) -> int:
    """Print all groups that there are; returns how many."""
    found = [group async for group in client.groups()]
    _print(out, found)
    return len(found)


async def show_group(client: Client, out: Output, group_id: str) -> None:
    """Print one group with its settings."""
    group = await client.group(group_id)
    if out.as_json:
        out.record(record_of(group))
        return
    _print(out, [group])
    for name, value in settings_of(group).items():
        out.say(f"  {name:16} {value}", markup=False)


async def create_group(
    client: Client, out: Output, group: Group, start: StartPoint, *, allow_existing: bool
) -> None:
    """Make a group, and print it."""
    _print(out, [await client.create_group(group, start=start, allow_existing=allow_existing)])


async def update_group(
    client: Client, out: Output, changes: Group, fields: Collection[str]
) -> None:
    """Change these settings of a group as it stands now, and print it."""
    if not fields:
        raise Refusal("name a setting to change, e.g. --lease 60s", status=Exit.USAGE)
    group = await client.group(changes.group_id)
    group.MergeFrom(changes)
    _print(out, [await client.update_group(group, fields)])


async def delete_group(client: Client, out: Output, group_id: str, *, force: bool) -> None:
    """Remove a group with its progress."""
    deleted = await client.delete_group(group_id, force=force)
    said = "is removed" if deleted else "was removed by somebody else"
    tell(out, f"{group_id} {said}", group_id=group_id, deleted=deleted)


async def seek_group(
    client: Client,
    out: Output,
    group_id: str,
    target: StartPoint,
    end: EndPoint | None = None,
    *,
    discard_parked: bool = False,
    dry_run: bool = False,
) -> SeekGroupResponse:
    """Move a group's progress, deliver a range once more, or only count what that would deliver."""
    moved = await client.seek_group(
        group_id, target, end=end, discard_parked=discard_parked, dry_run=dry_run
    )
    tell(
        out,
        moved_in_words(group_id, moved, is_range=end is not None, dry_run=dry_run),
        group_id=group_id,
        events=moved.events,
        at_most=moved.at_most,
        dry_run=dry_run,
    )
    return moved


def moved_in_words(
    group_id: str, moved: SeekGroupResponse, *, is_range: bool, dry_run: bool
) -> str:
    """What a seek did, or would do."""
    where = "in between" if is_range else "behind that point"
    if not moved.events:
        return f"{group_id} gets nothing from this: there is no event that it wants {where}"
    events = f"{'at most ' if moved.at_most else ''}{moved.events:,} events"
    if dry_run:
        return f"{events} would be delivered to {group_id}"
    if is_range:
        said = "once more, marked as replayed; then it goes on where it stood"
        return f"{events} are delivered to {group_id} {said}"
    said = "what was delivered before is marked as replayed"
    return f"{events} are delivered from there to {group_id}; {said}"


async def consume(
    client: Client,
    out: Output,
    group_id: str,
    *,
    consumer_id: str,
    credits: int,  # noqa: A002 - the word of the protocol
    limit: int,
    retry: bool,
) -> int:
    """Take deliveries, print each with its acknowledgement, until stopped; returns how many.

    With `retry` they are given back instead. Ctrl-C takes nothing new and waits for the answers.
    """
    taken = 0
    consumer = client.consume(group_id, consumer_id=consumer_id, credits=credits)
    async with consumer as deliveries, _draining(deliveries):
        out.note(f"{deliveries.consumer_id} consumes {group_id} (Ctrl-C ends)")
        async for delivery in deliveries:
            taken += 1
            if taken == limit:
                deliveries.drain()
            _print_delivery(out, delivery, await _settled(delivery, retry=retry))
    return taken


async def _settled(delivery: Delivery, *, retry: bool) -> str:
    """Settle a delivery, and say what became of it."""
    async with delivery:
        if retry:
            raise Retry(reason="tried out at the command line")
    try:
        await delivery.settled()
    except (LeaseLost, DeliveryUnknown):
        return "lost"
    return "retry" if retry else "ack"


@asynccontextmanager
async def _draining(deliveries: Deliveries) -> AsyncIterator[None]:
    """Ctrl-C and SIGTERM drain while this is open."""
    with stop_signals() as asked:
        waiting = asyncio.create_task(_drain_when(asked, deliveries))
        try:
            yield
        finally:
            waiting.cancel()


async def _drain_when(asked: asyncio.Event, deliveries: Deliveries) -> None:
    await asked.wait()
    deliveries.drain()


def _print_delivery(out: Output, delivery: Delivery, settled: str) -> None:
    event = delivery.event
    if out.as_json:
        told = {
            "delivery_id": delivery.delivery_id,
            "attempt": delivery.attempt,
            "replayed": delivery.replayed,
            "settled": settled,
        }
        out.record({**told, "event": history.record_of(event)})
        return
    place = f"{event.partition}/{event.position}"
    again = "replayed" if delivery.replayed else ""
    row = (place, event.subject_id, event.type, str(delivery.attempt), again, settled)
    out.say("  ".join(filter(None, row)), markup=False)


def record_of(group: Group) -> dict[str, Any]:
    """A group for programs: all its settings, and figures also where they are 0."""
    made = output.message(group)
    figures = group.stats
    made["stats"] = {
        field.name: getattr(figures, field.name) for field in figures.DESCRIPTOR.fields
    }
    return made


def settings_of(group: Group) -> dict[str, str]:
    """Settings as people read them."""
    wanted = output.message(group.filter)
    return {
        "purpose": group.purpose,
        "filter": filter_in_words(wanted) or "all accepted events",
        "lease": written(group.lease_ms),
        "attempts": f"{group.max_attempts}, then parked",
        "back-off": f"{written(group.min_backoff_ms)} doubling to {written(group.max_backoff_ms)}",
        "on park": _on_park(group),
    }


def filter_in_words(wanted: Record) -> str:
    """What a filter keeps, e.g. types cart.*, order.*; channels web."""
    return "; ".join(f"{name.replace('_', ' ')} {_in_words(wanted[name])}" for name in wanted)


def _in_words(value: object) -> str:
    """A field of a filter: a list, a journey as KIND/ID, the name of a value without its enum."""
    if isinstance(value, list):
        return ", ".join(map(_in_words, value))
    if isinstance(value, dict):
        return "/".join(map(_in_words, value.values()))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _ENUM.sub("", str(value)).lower() if _ENUM.match(str(value)) else str(value)


def row_of(group: Group) -> tuple[str, ...]:
    """A group for people."""
    stats = group.stats
    oldest = rounded(stats.oldest_unsettled_ms) if stats.oldest_unsettled_ms else ""
    counts = [
        f"{count:,}"
        for count in (stats.consumers, stats.in_flight, stats.backlog, stats.parked, stats.held)
    ]
    if stats.backlog_at_most:
        counts[2] = f"≤ {counts[2]}"
    return (group.group_id, *counts, oldest, _on_park(group))


def _on_park(group: Group) -> str:
    return OnPark.Name(group.on_park).removeprefix("ON_PARK_").lower()


def _print(out: Output, groups: list[Group]) -> None:
    if out.as_json:
        for group in groups:
            out.record(record_of(group))
    elif groups:
        out.table(GROUPS, map(row_of, groups))


def tell(out: Output, text: str, **record: Any) -> None:
    """One sentence for people, one object for programs."""
    if out.as_json:
        out.record(record)
    else:
        out.say(text, markup=False)
