"""Named points where the fault battery makes a process die, fail or wait, as if by accident.

They are off unless the environment variable `JOURNEY_FAILPOINTS` holds text when the process
starts; then a passed point is looked up, else it costs one comparison. The text is a comma
separated list of `NAME=ACTION` or `NAME=ACTION@N` (only at the N-th pass, counted from 1):

    JOURNEY_FAILPOINTS='first-start:after-initdb=kill@1,append:after-copy=sleep:200'

| action     | what happens at the point                                              |
|------------|------------------------------------------------------------------------|
| `kill`     | the process gets SIGKILL                                               |
| `exit`     | the process ends at once with status 137; nothing is cleaned up        |
| `raise`    | `FailpointReached` is raised                                           |
| `sleep:MS` | that many milliseconds pass                                            |
| `hold`     | the process stops itself (SIGSTOP) until somebody sends it SIGCONT     |

`POINTS` is the one list of names; a test compares it with the calls in the code.
"""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

VARIABLE: Final = "JOURNEY_FAILPOINTS"

POINTS: Final[Mapping[str, str]] = {
    # the first start, in the order in which its points are passed
    "first-start:directory-made": "the data directory is there and this process holds its locks",
    "first-start:set-aside": "what an unfinished first start left is moved aside",
    "first-start:secrets-written": "the secrets are on disk under a temporary name",
    "first-start:secrets-named": "the secrets have their name",
    "first-start:during-initdb": "initdb has begun and is at work",
    "first-start:after-initdb": "initdb is done, under a temporary name",
    "first-start:settings-written": "our settings are in the unnamed database directory",
    "first-start:cluster-named": "the database directory has its name",
    "first-start:server-spawned": "the server process is there and not yet ready",
    "first-start:server-ready": "the server takes connections",
    "first-start:roles-made": "the three roles are there",
    "first-start:database-made": "the database is there, without tables",
    "first-start:migrated": "the tables are there; the marker is not",
    "first-start:marker-written": "the marker is on disk under a temporary name",
    "first-start:marker-named": "the marker has its name: the first start is over",
    # migrations, in the order in which their points are passed
    "migrate:locked": "this process alone migrates the database",
    "migrate:roles-made": "the three roles are there, where migrating has to make them",
    "migrate:after-statement": "one statement of a migration is done, not committed",
    "migrate:before-commit": "a migration and its line in the ledger are done, not committed",
    "migrate:after-commit": "a migration is committed",
    "migrate:journal-made": "the journal has its name and its partitions",
    # an append
    "append:before-begin": "a group is decided; nothing was sent to the database",
    "append:after-copy": "careful path: the events are in the transaction, not committed",
    "append:after-commit": "the group is durable; nobody knows it",
    "append:before-answer": "followers have the group; its callers are not answered",
    # a rebuild, in the order in which its points are passed
    "rebuild:after-batch": "a batch is folded; nothing of it is stored",
    "rebuild:before-save": "a batch is about to be stored with its checkpoint",
    "rebuild:after-save": "it is durable; the process that folded it does not know",
    "rebuild:before-switch": "the new generation is whole and compared, and not live",
    "rebuild:after-switch": "it is live; nobody was told",
}
FIRST_START_STEPS: Final = tuple(name for name in POINTS if name.startswith("first-start:"))


class FailpointReached(RuntimeError):
    """A point whose action is `raise` was passed."""


@dataclass(frozen=True, slots=True)
class _Action:
    word: str
    milliseconds: float
    nth: int | None


class Failpoints:
    """What is to happen at which point, and how often each was passed. `ValueError`: bad text."""

    def __init__(self, text: str) -> None:
        self._actions = dict(map(_parse, filter(None, map(str.strip, text.split(",")))))
        self._passes: Counter[str] = Counter()

    def reach(self, name: str) -> float:
        """Count a pass and do what is asked. Returns the seconds that the caller is to wait."""
        if name not in POINTS:
            raise ValueError(f"failpoint {name!r} is not in journey_service.failpoints.POINTS")
        self._passes[name] += 1
        action = self._actions.get(name)
        if action is None or action.nth not in {None, self._passes[name]}:
            return 0.0
        return _perform(name, action)


def _parse(clause: str) -> tuple[str, _Action]:
    name, _, rest = clause.partition("=")
    spoken, _, nth = rest.partition("@")
    word, _, milliseconds = spoken.partition(":")
    if name not in POINTS:
        raise ValueError(f"{VARIABLE}: no failpoint is named {name!r}")
    if word not in {"kill", "exit", "raise", "sleep", "hold"}:
        raise ValueError(
            f"{VARIABLE}: {clause!r} has no action; say kill, exit, raise, sleep, hold"
        )
    return name, _Action(word, float(milliseconds or 0), int(nth) if nth else None)


def _perform(name: str, action: _Action) -> float:
    match action.word:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit":
            os._exit(137)
        case "hold":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "raise":
            raise FailpointReached(name)
        case _:
            return action.milliseconds / 1000
    return 0.0


_active = Failpoints(text) if (text := os.environ.get(VARIABLE, "")) else None


def failpoint(name: str) -> None:
    """Pass a point where waiting may block the thread. `name` is one of `POINTS`."""
    if _active is not None:
        time.sleep(_active.reach(name))


async def failpoint_async(name: str) -> None:
    """Pass a point on the event loop: `sleep` lets other tasks run meanwhile."""
    if _active is not None:
        await asyncio.sleep(_active.reach(name))
