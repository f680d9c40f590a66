"""How a command ends: one table of exit statuses, and which error means which."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import asyncpg
import grpc

from journey_client import JourneyError, NotAnswered, TransportRefused
from journey_client.importing import MappingError
from journey_service.config import SettingsError
from journey_service.domain.errors import JourneyError as ServiceError
from journey_service.embedded import EmbeddedPostgresError
from journey_service.store.postgres.errors import DatabaseUnfit
from journey_service.transport.grpc_server import AddressTaken
from journey_service.transport.issuers import IssuersError


class Exit(IntEnum):
    """Exit statuses; those above 63 are sysexits.h's."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    DATA = 65
    UNAVAILABLE = 69
    FAULT = 70
    SETTINGS = 78
    STOPPED = 130


MEANING: dict[Exit, str] = {
    Exit.OK: "done; `up` and `serve`: stopped as asked, by Ctrl-C or SIGTERM",
    Exit.REFUSED: "refused by the service, or found wrong: rejected rows, findings, failed checks",
    Exit.USAGE: "the command line is wrong",
    Exit.DATA: "a file that was named cannot be used: mapping, rows, JSON",
    Exit.UNAVAILABLE: "the service or the database cannot be reached, or an address is taken",
    Exit.FAULT: "a fault of journey itself",
    Exit.SETTINGS: "a setting, the data directory or the database cannot be used as it is",
    Exit.STOPPED: "stopped by Ctrl-C",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command ends: its status, what happened, and what to do next."""

    status: int
    what: str
    next_step: str = ""


class Refusal(Exception):  # a command's own no
    """A command cannot do what was asked."""

    def __init__(self, what: str, next_step: str = "", status: int = Exit.REFUSED) -> None:
        super().__init__(what)
        self.ending = Ending(status, what, next_step)


def ending_of(error: Exception, address: str = "") -> Ending | None:
    """How an error ends a command; None for a fault of ours."""
    if isinstance(error, Refusal):
        return error.ending
    if isinstance(error, JourneyError):
        return _of_call(error, address)
    if isinstance(error, EmbeddedPostgresError):
        return Ending(error.exit_code, error.text)
    for kinds, status, what, next_step in _ENDINGS:
        if isinstance(error, kinds):
            return Ending(status, what.format(error), next_step)
    return None


# The first that fits: what it says, and what to do next.
_ENDINGS: tuple[tuple[tuple[type[Exception], ...], int, str, str], ...] = (
    ((MappingError,), Exit.DATA, "{}", "Nothing was sent. Mend the mapping."),
    ((SettingsError, IssuersError, DatabaseUnfit), Exit.SETTINGS, "{}", ""),
    (
        (AddressTaken,),
        Exit.UNAVAILABLE,
        "{}",
        "Stop what listens there, or choose another --grpc-address (port 0: a free one).",
    ),
    ((ServiceError,), Exit.REFUSED, "{}", ""),
    (
        (asyncpg.PostgresError, asyncpg.InterfaceError),
        Exit.UNAVAILABLE,
        "the database refused: {}",
        "Look at the DSN, and at the database's log.",
    ),
    ((ConnectionError,), Exit.UNAVAILABLE, "no connection: {}", ""),
    ((OSError, UnicodeDecodeError), Exit.DATA, "{}", ""),
)


def _of_call(error: JourneyError, address: str) -> Ending:
    """A call that failed."""
    told = f" (request {error.request_id})" if error.request_id else ""
    if isinstance(error, NotAnswered) and not isinstance(error, TransportRefused):
        what = f"no answer from the service at {address}: {error.message}"
        return Ending(Exit.UNAVAILABLE, what, _START)
    step = _NEXT.get(error.reason, "")
    if error.code is grpc.StatusCode.UNAVAILABLE:
        step = step or "Try again; repeats have no second effect."
        return Ending(Exit.UNAVAILABLE, f"{error.reason}: {error.message}{told}", step)
    violations = "".join(f"\n  {found.path}: {found.rule}" for found in error.violations)
    return Ending(Exit.REFUSED, f"{error.reason}: {error.message}{violations}{told}", step)


_START = "Start one with `journey up` or `journey serve`, or name another with --address."
_NEXT = {
    "TOKEN_MISSING": "Give --token, or run the command where the data directory is.",
    "TOKEN_INVALID": "The token is of another installation: see --data-dir and --token.",
    "TOKEN_EXPIRED": "Make a new one with `journey token`.",
    "CUSTOMER_NOT_FOUND": "Look at the id; accounts are named with --account.",
    "JOURNEY_NOT_FOUND": "`journey show` lists what the customer has.",
    "SCOPE_MISSING": "Make a token with the scope: `journey token service NAME --scope …`.",
    "RATE_LIMITED": "Wait a moment and try again.",
}
