"""A copy of a customer that follows the service over whatever connection there is."""

import asyncio
from typing import Any

import grpc
import grpc.aio

from journey.v1.journey_service_pb2 import WatchRequest
from journey.v1.journey_service_pb2_grpc import JourneyServiceStub
from tests.battery.client import OPTIONS
from tests.guarantees.devices import Copy

_AGAIN_S = 0.05
_SILENT_S = 20.0


class Follower:
    """Watches, and opens again with its last token whenever the stream ends."""

    def __init__(
        self, address: str, authorization: str, *, session_id: str = "", subject_id: str = ""
    ) -> None:
        self.copy = Copy()
        self.reconnects = -1
        self._metadata = [("authorization", authorization)]
        self._session_id, self._subject_id = session_id, subject_id
        self.go_to(address)

    def go_to(self, address: str) -> None:
        """From the next stream on watch there."""
        self._address = address

    async def follow(self, stopped: asyncio.Event) -> None:
        """Until told to stop."""
        while not stopped.is_set():
            self.reconnects += 1
            self.copy.opens()
            try:
                await self._stream(stopped)
            except grpc.aio.AioRpcError:
                await asyncio.sleep(_AGAIN_S)

    async def _stream(self, stopped: asyncio.Event) -> None:
        async with grpc.aio.insecure_channel(self._address, options=OPTIONS) as channel:
            stub: Any = JourneyServiceStub(channel)
            request = WatchRequest(
                token=self.copy.token,
                session_id=self._session_id,
                subject_id=self._subject_id,
            )
            call = stub.Watch(request, metadata=self._metadata)
            ending = asyncio.ensure_future(stopped.wait())
            try:
                while not stopped.is_set():
                    reading = asyncio.ensure_future(call.read())
                    waited = {reading, ending}
                    done, _ = await asyncio.wait(
                        waited, timeout=_SILENT_S, return_when=asyncio.FIRST_COMPLETED
                    )
                    if reading not in done:
                        reading.cancel()
                        return
                    frame = reading.result()
                    if frame is grpc.aio.EOF:
                        return
                    self.copy.apply(frame)
            finally:
                ending.cancel()
                call.cancel()


async def until(holds: Any, within_s: float) -> bool:
    """Whether something that others bring about comes true in time."""
    try:
        async with asyncio.timeout(within_s):
            while not holds():  # noqa: ASYNC110  what brings it about tells nobody
                await asyncio.sleep(0.02)
    except TimeoutError:
        return False
    return True
