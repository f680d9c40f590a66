"""grpc.health.v1: serving only while the journal can be written and the durability settings hold.

Health is open to everybody and says nothing but yes or no.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthServicer


class Health(HealthServicer):
    """Answers for every service alike; `ready` is asked every `interval_s`.

    The library's own servicer holds a lock while it writes to a watcher, so that one that reads
    nothing would keep the status from changing.
    """

    def __init__(self, services: Iterable[str], ready: Callable[[], bool]) -> None:
        self._services = frozenset({"", *services})
        self._ready = ready
        self._draining = False
        self._closed = False
        self._changed = asyncio.Event()
        self.serving = False

    async def follow(self, interval_s: float) -> None:
        """Look at readiness until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(interval_s)

    def look(self) -> None:
        """Look at readiness now."""
        self._become(self._ready() and not self._draining)

    def drain(self) -> None:
        """From now on: not serving."""
        self._draining = True
        self._become(serving=False)

    def close(self) -> None:
        """End the watches."""
        self._closed = True
        self._tell()

    async def Check(  # noqa: N802  the service's name for it
        self, request: HealthCheckRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> HealthCheckResponse:
        """The status now; NOT_FOUND for a service that is not served."""
        if request.service not in self._services:
            await context.abort(grpc.StatusCode.NOT_FOUND, "There is no such service.")
        return HealthCheckResponse(status=self._status(request.service))

    async def Watch(  # noqa: N802  likewise
        self, request: HealthCheckRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[HealthCheckResponse]:
        """The status now and whenever it changes."""
        del context
        last = -1
        while not self._closed:
            changed = self._changed
            status = self._status(request.service)
            if status != last:
                last = status
                yield HealthCheckResponse(status=status)
            if changed is self._changed:
                await changed.wait()

    def _status(self, service: str) -> int:
        if service not in self._services:
            return HealthCheckResponse.SERVICE_UNKNOWN
        return HealthCheckResponse.SERVING if self.serving else HealthCheckResponse.NOT_SERVING

    def _become(self, serving: bool) -> None:  # noqa: FBT001  there is nothing else to say
        if serving != self.serving:
            self.serving = serving
            self._tell()

    def _tell(self) -> None:
        told, self._changed = self._changed, asyncio.Event()
        told.set()
