"""`journey replay --to-group`: a range of the journal once more, to one group's consumers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from journey_service.cli import grouping
from journey_service.cli.callers import Caller
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.output import Output
from journey_service.cli.starting import end_point, start_point

Again = Callable[[Caller, Output], Coroutine[Any, Any, object]]


def to_the_group(group_id: str, start: str, end: str, *, beside: bool) -> Again:
    """What delivers once more to a group from the point that was typed: up to the end, and then it
    goes on where it stood; without an end all to the newest event.

    Raises Refusal without a start, and with options `beside` these: a group has its own filter.
    """
    if beside or not start:
        raise Refusal(
            "--to-group goes with --from and --to, and with nothing else that chooses events",
            "A group keeps the filter that it was made with.",
            Exit.USAGE,
        )
    target, until = start_point(start), end_point(end) if end else None

    async def again(caller: Caller, out: Output) -> object:
        async with caller.client("service", scopes=grouping.SCOPES) as client:
            return await grouping.seek_group(client, out, group_id, target, until)

    return again
