"""`journey parked`: what groups put aside, listed, delivered again, dropped."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from journey.v1.groups_pb2 import ParkedEvent, ParkedFilter
from journey_client import Client
from journey_service.cli import history, output
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.grouping import tell
from journey_service.cli.output import Output

COLUMNS = ("parked", "customer", "version", "type", "when", "tries", "held", "reason")
# What a narrow terminal goes without: neither says why it is parked or names it.
SPARE = ("version", "when")
_PAGE = 500


async def list_parked(
    client: Client, out: Output, group_id: str, wanted: ParkedFilter, *, limit: int
) -> int:
    """Print what a group put aside, at most `limit` (0: all); returns how many there are in all."""
    found: list[ParkedEvent] = []
    page_token, total = "", 0
    while True:
        size = min(limit - len(found), _PAGE) if limit else _PAGE
        page = await client.parked_page(
            group_id, wanted=wanted, page_size=size, page_token=page_token
        )
        found += page.parked
        page_token, total = page.next_page_token, page.total
        if not page_token or (limit and len(found) >= limit):
            break
    if out.as_json:
        for event in found:
            out.record(record_of(event))
    elif found:
        out.table(COLUMNS, map(row_of, found), spare=SPARE)
    if total > len(found):
        out.note(f"{total - len(found):,} more of {total:,}; --limit 0 lists all")
    return total


async def replay_parked(
    client: Client,
    out: Output,
    group_id: str,
    parked_ids: Collection[str],
    wanted: ParkedFilter,
    *,
    limit: int,
    dry_run: bool,
) -> None:
    """Deliver parked events again, or only count them. Raises Refusal where none is parked."""
    done = await client.replay_parked(
        group_id, parked_ids=parked_ids, wanted=wanted, limit=limit, dry_run=dry_run
    )
    everything = not parked_ids and not wanted.ListFields()
    _tell_parked(
        out,
        group_id,
        "delivered again",
        done.matched,
        done.replayed,
        named=parked_ids,
        everything=everything,
        dry_run=dry_run,
    )


async def discard_parked(
    client: Client,
    out: Output,
    group_id: str,
    parked_ids: Collection[str],
    wanted: ParkedFilter,
    *,
    limit: int,
    dry_run: bool,
    reason: str,
) -> None:
    """Drop parked events, or only count them. Raises Refusal where none is parked."""
    done = await client.discard_parked(
        group_id,
        parked_ids=parked_ids,
        wanted=wanted,
        limit=limit,
        dry_run=dry_run,
        reason=reason,
    )
    everything = not parked_ids and not wanted.ListFields()
    _tell_parked(
        out,
        group_id,
        "dropped",
        done.matched,
        done.discarded,
        named=parked_ids,
        everything=everything,
        dry_run=dry_run,
    )


def _tell_parked(
    out: Output,
    group_id: str,
    what: str,
    matched: int,
    count: int,
    *,
    named: Collection[str],
    everything: bool,
    dry_run: bool,
) -> None:
    """Say what was done. Raises Refusal where an id that was named is not parked, or nothing passes
    the filter; of everything it may be nothing."""
    if matched or out.as_json:
        said = f"{count:,} of {matched:,} {'would be' if dry_run else 'are'} {what}"
        tell(out, said, group_id=group_id, matched=matched, done=count, dry_run=dry_run)
    done = f"nothing {'would be' if dry_run else 'is'} {what}"
    if everything and not matched:
        out.note(f"{group_id} has nothing parked: {done}")
    elif named and (missing := len({*named}) - matched) > 0:
        found = f"{missing} of them are not parked" if matched else f"none is parked, {done}"
        raise _not_there(group_id, f"{group_id}: --id {', '.join(dict.fromkeys(named))}: {found}")
    elif not matched:
        raise _not_there(group_id, f"{group_id} has nothing parked that matches: {done}")


def _not_there(group_id: str, told: str) -> Refusal:
    return Refusal(told, f"`journey parked list {group_id}` lists what is.", Exit.NOT_FOUND)


def record_of(parked: ParkedEvent) -> dict[str, Any]:
    """A parked event for programs."""
    made = output.message(parked)
    made["event"] = history.record_of(parked.event)
    made["parked_at"] = output.iso(parked.parked_at_ms)
    return made


def row_of(parked: ParkedEvent) -> tuple[str, ...]:
    """A parked event for people."""
    event = parked.event
    return (
        parked.parked_id,
        event.subject_id,
        str(event.version),
        event.type,
        output.moment(parked.parked_at_ms),
        str(parked.attempts),
        str(parked.held),
        parked.reason,
    )
