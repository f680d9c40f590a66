"""A thread with an event loop, for callers that know no loop: the library is synchronous."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from eventsourcing.persistence import InterfaceError, ProgrammingError

T = TypeVar("T")


class Bridge:
    """Runs coroutines on its own loop for other threads, until it is closed."""

    def __init__(self, name: str = "journey recorders") -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`, waited for. Raises ProgrammingError where waiting cannot end: on
        the bridge's own thread; InterfaceError when the bridge is closed."""
        if threading.current_thread() is self._thread:
            work.close()
            raise ProgrammingError("The recorder was called from its own event loop.")
        return self.submit(work).result()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """The result to come of `work`. Raises InterfaceError when the bridge is closed."""
        if self._loop.is_closed():
            work.close()
            raise InterfaceError("The recorder is closed.")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """End all work, and the thread. A second call does nothing."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()
