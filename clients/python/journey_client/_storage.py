"""The local store, worked with by one thread, so that no loop waits for a disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from journey_client._kept import Contents
from journey_client._store import Store

P = ParamSpec("P")
T = TypeVar("T")


class Storage:
    """One writer of one file. What was asked first is done first, and done even if not awaited."""

    def __init__(self, path: Path, executor: Executor | None = None) -> None:
        self._path = path
        self._executor = executor or ThreadPoolExecutor(1, thread_name_prefix="journey store")
        self._store: Store | None = None

    @property
    def lost(self) -> str:
        """What became of an earlier file that could not be read."""
        return self._store.lost if self._store else ""

    async def open(self, account: str, *, visits: bool = False) -> Contents:
        """Open the file and read everything, as Store.load does. Raises StoreInUse."""

        def opened() -> Contents:
            self._store = self._store or Store.open(self._path)
            return self._store.load(account, visits=visits)

        return await self._done(opened)

    async def close(self) -> None:
        """Close the file; what was asked before is done."""
        store, self._store = self._store, None
        if store is not None:
            await self._done(store.close)
        self._executor.shutdown()

    async def run(
        self, method: Callable[Concatenate[Store, P], T], *args: P.args, **named: P.kwargs
    ) -> T:
        """Do one thing with the store, e.g. `run(Store.keep, items, account)`."""
        store = self._store
        if store is None:
            raise RuntimeError("the local store is closed")
        return await self._done(lambda: method(store, *args, **named))

    async def _done(self, work: Callable[[], T]) -> T:
        return await asyncio.shield(asyncio.wrap_future(self._executor.submit(work)))
