"""The limit: the same grpc.aio server and messages, with handlers that return at once.

python -m benchmarks.bare_rpc ADDRESS ANSWERS     ANSWERS: JSON, method name to base64 bytes
"""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import sys
from pathlib import Path
from typing import Any

import grpc
import uvloop

from journey.v1.journey_service_pb2 import (
    GetJourneyRequest,
    GetJourneyResponse,
    RecordRequest,
    RecordResponse,
)
from journey.v1.journey_service_pb2_grpc import (
    JourneyServiceServicer,
    add_JourneyServiceServicer_to_server,
)


class ReadyAnswers(JourneyServiceServicer):
    """Requests are parsed and answers serialized as everywhere; in between nothing is done."""

    def __init__(self, record: RecordResponse, get_journey: GetJourneyResponse) -> None:
        self._record = record
        self._get_journey = get_journey

    async def Record(  # noqa: N802  named by the service
        self, request: RecordRequest, context: grpc.aio.ServicerContext[object, object]
    ) -> RecordResponse:
        """The answer that is there already."""
        del request, context
        return self._record

    async def GetJourney(  # noqa: N802  named by the service
        self, request: GetJourneyRequest, context: grpc.aio.ServicerContext[object, object]
    ) -> GetJourneyResponse:
        """The answer that is there already."""
        del request, context
        return self._get_journey


async def serve(address: str, given: dict[str, Any]) -> None:
    """Answer until told to end."""
    options = [(name, value) for name, value in given["options"]]
    ready = {name: base64.b64decode(text) for name, text in given["answers"].items()}
    server = grpc.aio.server(options=options)
    servicer = ReadyAnswers(
        RecordResponse.FromString(ready.get("Record", b"")),
        GetJourneyResponse.FromString(ready.get("GetJourney", b"")),
    )
    add_JourneyServiceServicer_to_server(servicer, server)
    server.add_insecure_port(address)
    await server.start()
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()
    await server.stop(0)


def main() -> None:
    """Serve the address that the first argument names."""
    address, given = sys.argv[1:]
    uvloop.run(serve(address, json.loads(Path(given).read_text())))


if __name__ == "__main__":
    main()
