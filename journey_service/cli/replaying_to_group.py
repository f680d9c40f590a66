"""`journey replay --to-group`: a range of the journal once more, to one group's consumers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from journey_service.cli import grouping
from journey_service.cli.callers import Caller
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.output import Output
from journey_service.cli.starting import start_point

Again = Callable[[Caller, Output], Coroutine[Any, Any, object]]


def to_the_group(group_id: str, start: str, *, beside: bool) -> Again:
    """What moves the group back to the point that was typed.

    Raises Refusal without one, and with options `beside` it: a group has a filter of its own, and
    goes on to the newest event.
    """
    if beside or not start:
        raise Refusal(
            "--to-group goes with --from, and with nothing else that chooses events",
            "A group keeps the filter that it was made with, and goes on to the newest event.",
            Exit.USAGE,
        )
    target = start_point(start)

    async def again(caller: Caller, out: Output) -> object:
        async with caller.client("service", scopes=grouping.SCOPES) as client:
            return await grouping.seek_group(
                client, out, group_id, target, discard_parked=False, dry_run=False
            )

    return again
