"""`journey parked`: what groups put aside, listed, delivered again, dropped."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from journey.v1.groups_pb2 import ParkedEvent, ParkedFilter
from journey_client import Client
from journey_service.cli import history, output
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
    """Deliver parked events again, or only count them."""
    done = await client.replay_parked(
        group_id, parked_ids=parked_ids, wanted=wanted, limit=limit, dry_run=dry_run
    )
    _tell_parked(out, group_id, "delivered again", done.matched, done.replayed, dry_run=dry_run)


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
    """Drop parked events for good, or only count them."""
    done = await client.discard_parked(
        group_id,
        parked_ids=parked_ids,
        wanted=wanted,
        limit=limit,
        dry_run=dry_run,
        reason=reason,
    )
    _tell_parked(out, group_id, "dropped", done.matched, done.discarded, dry_run=dry_run)


def _tell_parked(
    out: Output, group_id: str, what: str, matched: int, count: int, *, dry_run: bool
) -> None:
    said = f"{count:,} of {matched:,} " + ("would be" if dry_run else "are")
    tell(
        out,
        f"{said} {what}",
        group_id=group_id,
        matched=matched,
        done=count,
        dry_run=dry_run,
    )


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
