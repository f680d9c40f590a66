"""What commands that call the service share."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from journey.v1.interactions_pb2 import Channel
from journey_client import channel_of
from journey_service.cli.callers import Caller
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.output import Output
from journey_service.cli.running import run

T = TypeVar("T")


def call(
    caller: Caller,
    work: Callable[[Output], Coroutine[Any, Any, T]],
    *,
    json: bool,
    account: str = "",
) -> T:
    """Run a client command; errors tell the address that was called, and the account typed."""
    try:
        return run(work(Output.of(json_asked=json)))
    except Exception as error:
        error.__dict__["journey_address"] = caller.address
        error.__dict__["journey_account"] = account
        raise


def named_channel(name: str) -> Channel:
    """A channel by its name on the command line."""
    try:
        return channel_of(name)
    except ValueError as error:
        raise Refusal(str(error), status=Exit.USAGE) from error
