"""The limit: the same grpc.aio server and messages, with handlers that return at once.

python -m benchmarks.bare_rpc ADDRESS ANSWERS     ANSWERS: JSON, method name to base64 bytes
"""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import grpc
import uvloop

from benchmarks.processes import accepting, free_address, python, running
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
from journey_service.config import Settings
from journey_service.transport.grpc_server import options


class BareRpc(NamedTuple):
    """A running server that answers at once."""

    address: str
    program: subprocess.Popen[bytes]


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


@asynccontextmanager
async def bare_rpc(folder: Path, answers: Mapping[str, bytes]) -> AsyncIterator[BareRpc]:
    """The server in a process of its own, with these serialized answers."""
    address = free_address()
    content, log = folder / "answers.json", folder / "bare_rpc.log"
    content.write_text(
        json.dumps({name: base64.b64encode(answer).decode() for name, answer in answers.items()})
    )
    command = python("benchmarks.bare_rpc", address, str(content))
    async with running(command, {}, log) as program:
        await accepting(address, program, log)
        yield BareRpc(address, program)


async def serve(address: str, answers: Mapping[str, bytes]) -> None:
    """Answer until told to end."""
    server = grpc.aio.server(options=options(Settings()))
    servicer = ReadyAnswers(
        RecordResponse.FromString(answers.get("Record", b"")),
        GetJourneyResponse.FromString(answers.get("GetJourney", b"")),
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
    address, answers = sys.argv[1:]
    content = json.loads(Path(answers).read_text())
    ready = {name: base64.b64decode(text) for name, text in content.items()}
    uvloop.run(serve(address, ready))


if __name__ == "__main__":
    main()
