"""Starting the server that answers at once, with the options of the service and answers of its."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.processes import accepting, free_address, python, running
from journey_service.config import Settings
from journey_service.transport.grpc_server import options


class BareRpc(NamedTuple):
    """A running server that answers at once."""

    address: str
    program: subprocess.Popen[bytes]


@asynccontextmanager
async def bare_rpc(folder: Path, answers: Mapping[str, bytes]) -> AsyncIterator[BareRpc]:
    """The server in a process of its own; `answers` are serialized messages by method."""
    address = free_address()
    given, log = folder / "bare_rpc.json", folder / "bare_rpc.log"
    encoded = {name: base64.b64encode(answer).decode() for name, answer in answers.items()}
    given.write_text(json.dumps({"options": options(Settings()), "answers": encoded}))
    command = python("benchmarks.bare_rpc", address, str(given))
    async with running(command, {}, log) as program:
        await accepting(address, program, log)
        yield BareRpc(address, program)
