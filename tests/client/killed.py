"""A device in a process of its own that is killed at a named point, and started again.

    python -m tests.client.killed ADDRESS TOKEN STORE POINT NTH ACTS

It records ACTS interactions, each the next of those that its store knows, and prints the id of
each one that was kept. At the NTH pass of POINT it kills itself. Without a kill it ends when
nothing waits any more.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from journey.v1.interactions_pb2 import Interaction
from journey_client import DeviceSettings, interactions, open_device
from journey_client._calls import Calls
from journey_client._database import Database
from journey_client._store import Store
from journey_client.connection import ConnectionSettings

# Where the process dies: what is about to happen, or has just happened.
POINTS = {
    "store:before": "an act is not yet stored",
    "store:after": "an act is stored and nobody was told",
    "number:after": "a batch has its numbers and is not sent",
    "send:during": "a batch is on its way",
    "answer:before": "its answer is here and not stored",
    "answer:after": "its answer is stored and not shown",
    "delete:before": "what has its answer and is shown no more is about to be dropped",
    "delete:after": "it is dropped, and that is not yet on the disk",
    "delta:before": "a frame is here and not stored",
    "delta:after": "a frame is stored and not shown",
}
QUICK = DeviceSettings(connection=ConnectionSettings(first_wait_ms=20, longest_wait_ms=200))


class Trap:
    """Kills the process at the nth pass of a point."""

    def __init__(self, point: str, nth: int) -> None:
        self._point = point
        self._left = nth

    def passed(self, point: str) -> None:
        """The process is there now."""
        if point == self._point:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str, point: str) -> None:
        """Pass `point:before` and `point:after` around a method of the store."""
        done: Callable[..., Any] = getattr(owner, name)

        def watched(store: Any, *args: Any) -> Any:
            self.passed(f"{point}:before")
            result = done(store, *args)
            self.passed(f"{point}:after")
            return result

        setattr(owner, name, watched)

    def deleting(self) -> None:
        """Pass `delete:before` and, of what was really dropped, `delete:after`: not committed."""
        run = Database.run

        def watched(database: Database, name: str, /, **values: Any) -> int:
            if name != "drop_done":
                return run(database, name, **values)
            self.passed("delete:before")
            dropped = run(database, name, **values)
            if dropped:
                self.passed("delete:after")
            return dropped

        Database.run = watched  # type: ignore[method-assign]

    def in_flight(self) -> None:
        """Pass `send:during` when a batch was handed to the network and is not answered."""
        ask = Calls._try

        async def asked(
            calls: Any, method: Any, request: Any, seconds: float, *, bare: bool
        ) -> Any:
            waiting = asyncio.ensure_future(ask(calls, method, request, seconds, bare=bare))
            if method.path.endswith("/Record"):
                await asyncio.wait([waiting], timeout=0.003)
                self.passed("send:during")
            return await waiting

        Calls._try = asked  # type: ignore[method-assign,assignment]


def set_traps(point: str, nth: int) -> None:
    """Watch the steps of an interaction: stored, sent, answered, dropped, in the copy."""
    trap = Trap(point, nth)
    trap.around(Store, "keep", "store")
    trap.around(Store, "next_batch", "number")
    trap.around(Store, "settle", "answer")
    trap.around(Store, "keep_copy", "delta")
    trap.deleting()
    trap.in_flight()


def tea() -> Interaction:
    """One more in the cart."""
    return interactions.cart_line_added("tea")


async def act(
    address: str,
    token: str,
    store: Path,
    acts: int,
    *,
    together: int = 1,
    make: Callable[[], Interaction] = tea,
) -> None:
    """Record so many together, and the next ones when nothing waits any more."""
    opened = open_device(address, store, token=token, device="phone", settings=QUICK)
    async with opened as phone:
        for number in range(1, acts + 1):
            kept = await phone.record(make())
            print(*kept.event_ids, flush=True)
            if number % together == 0 or number == acts:
                await phone.until(lambda view: view.token != "" and not view.connection.queue)


def main() -> None:
    """Be the device."""
    address, token, store, point, nth, acts = sys.argv[1:]
    set_traps(point, int(nth))
    asyncio.run(act(address, token, Path(store), int(acts)))


if __name__ == "__main__":
    main()
