"""How a command ends: one table of exit statuses, and which error means which.

Errors are told by the names of their classes, so that nothing is loaded only to compare with it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from journey_client import JourneyError


class Exit(IntEnum):
    """Exit statuses; those above 63 are sysexits.h's."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    DATA = 65
    NOT_FOUND = 67
    UNAVAILABLE = 69
    FAULT = 70
    SETTINGS = 78
    STOPPED = 130


MEANING: dict[Exit, str] = {
    Exit.OK: "done; `up` and `serve`: stopped as asked, by Ctrl-C or SIGTERM",
    Exit.REFUSED: "refused by the service, or found wrong: rejected rows, findings, failed checks, "
    "devices that do not show the same, a fold that is tried and gives other states, a rebuild "
    "to be paused that has ended",
    Exit.USAGE: "the command line is wrong",
    Exit.DATA: "a file that was named cannot be used: mapping, rows, JSON",
    Exit.NOT_FOUND: "there is no such customer, journey, session or group, or nothing parked that "
    "matches",
    Exit.UNAVAILABLE: "the service or the database cannot be reached, or an address is taken",
    Exit.FAULT: "a fault of journey itself",
    Exit.SETTINGS: "a setting, the data directory or the database cannot be used as it is",
    Exit.STOPPED: "stopped by Ctrl-C, also `watch`, `tail`, `subscribe` and `events --follow`, "
    "which go on until then",
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


@contextlib.contextmanager
def readable(option: str, path: object) -> Iterator[None]:
    """Say by which option a file was named that cannot be read."""
    try:
        yield
    except OSError as error:
        told = f"{option} {path}: {(error.strerror or str(error)).lower()}"
        raise Refusal(told, "Name a file that is there and may be read.", Exit.DATA) from error
    except UnicodeDecodeError as error:
        raise Refusal(f"{option} {path}: is no UTF-8 text", status=Exit.DATA) from error


def into_a_folder(option: str, path: Path) -> None:
    """Say at once that there is no folder to write a file into. Raises Refusal."""
    folder = path.absolute().parent
    if not folder.is_dir():
        told = f"{option} {path}: there is no folder {folder}"
        raise Refusal(told.strip(), f"Make it, mkdir -p {folder}, or name another.", Exit.DATA)


def ending_of(error: Exception, address: str = "", account: str = "") -> Ending | None:
    """How an error ends a command; None for a fault of ours."""
    if isinstance(error, Refusal):
        return error.ending
    names = _names(error)
    if CALL_FAILED in names:
        return _of_call(error, names, address, account)
    if SERVER_FAILED in names:
        return _of_server(error)
    for kinds, status, what, next_step in ENDINGS:
        if names & kinds:
            return Ending(status, what.format(error), next_step)
    return None


def _names(error: BaseException) -> frozenset[str]:
    """Full names of an error's class and of those above it."""
    return frozenset(f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)


CALL_FAILED = "journey_client._error.JourneyError"
NOT_ANSWERED = "journey_client._error.NotAnswered"
REFUSED_ON_THE_WAY = "journey_client._error.TransportRefused"
SERVER_FAILED = "journey_service.embedded.errors.EmbeddedPostgresError"

# The first that fits: what it says, and what to do next.
ENDINGS: tuple[tuple[frozenset[str], int, str, str], ...] = (
    (
        frozenset({"journey_client.importing.mapping.MappingError"}),
        Exit.DATA,
        "{}",
        "Nothing was sent. Mend the mapping, or name the file that it is for.",
    ),
    (
        frozenset(
            {
                "journey_service.config.SettingsError",
                "journey_service.transport.issuers.IssuersError",
                "journey_service.store.postgres.errors.DatabaseUnfit",
            }
        ),
        Exit.SETTINGS,
        "{}",
        "",
    ),
    (
        frozenset({"journey_service.transport.grpc_server.AddressTaken"}),
        Exit.UNAVAILABLE,
        "{}",
        "Stop what listens there, or choose another --grpc-address (port 0: a free one).",
    ),
    (frozenset({"journey_service.domain.errors.JourneyError"}), Exit.REFUSED, "{}", ""),
    (
        frozenset(
            {
                "asyncpg.exceptions._base.PostgresError",
                "asyncpg.exceptions._base.InterfaceError",
            }
        ),
        Exit.UNAVAILABLE,
        "the database refused: {}",
        "Look at the DSN, and at the database's log.",
    ),
    (frozenset({"builtins.ConnectionError"}), Exit.UNAVAILABLE, "no connection: {}", ""),
    (frozenset({"builtins.OSError", "builtins.UnicodeDecodeError"}), Exit.DATA, "{}", ""),
)


def _of_server(error: Any) -> Ending:
    """The embedded PostgreSQL says itself how it ends."""
    return Ending(error.exit_code, error.text)


def _of_call(error: Any, names: frozenset[str], address: str, account: str) -> Ending:
    """A call that failed: an error of the client library."""
    failed: JourneyError = error
    told = f" (request {failed.request_id})" if failed.request_id else ""
    if NOT_ANSWERED in names and REFUSED_ON_THE_WAY not in names:
        what = f"no answer from the service at {address}: {_plain(failed.message)}"
        return Ending(Exit.UNAVAILABLE, what, START_ONE)
    step = _NEXT.get(failed.reason, "")
    told_anew = (each for each in failed.violations if each.rule != failed.message)
    broken = dict.fromkeys(f"{found.path}: {found.rule}" for found in told_anew)
    violations = "".join(f"\n  {line}" for line in broken if line not in failed.message)
    whose = f"account {account}: " if account and "CUSTOMER" in failed.reason else ""
    # What the client alone knows of has no reason of the service's.
    reason = f"{failed.reason}: " if failed.reason else ""
    said = _SAID.get(failed.reason, failed.message)
    what = f"{reason}{whose}{said}{violations}{told}"
    match failed.code.name:
        case "UNAVAILABLE":
            step = step or "Try again; repeats have no second effect."
            return Ending(Exit.UNAVAILABLE, what, step)
        case "NOT_FOUND":
            return Ending(Exit.NOT_FOUND, what, step)
        case _:
            return Ending(Exit.REFUSED, what, step)


def _plain(message: str) -> str:
    """What gRPC says of a connection that failed, without its own words around it."""
    return message.rpartition(": ")[2] if "failed to connect" in message else message


START_ONE = "Start one with `journey up` or `journey serve`, or name another with --address."
# Where the service names a call of its own, which nobody types here.
_SAID = {"GROUP_NOT_FOUND": "there is no such group"}
_NEXT = {
    "TOKEN_MISSING": "Give --token, or run the command where the data directory is.",
    "TOKEN_INVALID": "The token is of another installation: see --data-dir and --token.",
    "TOKEN_EXPIRED": "Make a new one with `journey token`.",
    "CUSTOMER_NOT_FOUND": "Look at the id; accounts are named with --account. "
    "`journey simulate --account NAME` plays a day of one.",
    "JOURNEY_NOT_FOUND": "`journey show` lists what the customer has.",
    "SCOPE_MISSING": "Make a token with the scope: `journey token service NAME --scope …`.",
    "GROUP_NOT_FOUND": "`journey groups list` lists them; `journey groups create` makes one.",
    "GROUP_EXISTS": "`journey groups show` tells how it is; `journey groups update` changes it.",
    "PARKED_PRESENT": "`journey parked list` tells which; --force removes the group with them.",
    "REPLAY_RUNNING": "Wait until consumers have settled what is replayed, and try again.",
    "RATE_LIMITED": "Wait a moment and try again.",
}
