"""The service under test: real processes on a data directory, started, killed, started again."""

import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.battery import forking
from tests.battery.forking import Fork
from tests.faults.processes import Victim

_LOOK_S = 0.03
READY_S = 60.0
_PORTS = range(10_000, 30_000)
_ASKED = health_pb2.HealthCheckRequest()
_COMMAND = (sys.executable, "-m", "tests.battery.entry")


class ServiceEnded(RuntimeError):
    """The service ended where it was to serve; the text ends with what it said."""


class Service:
    """One process of the service. It may be started again and again, always at one address."""

    def __init__(
        self,
        folder: Path,
        data_dir: Path,
        name: str = "service",
        *,
        mutant: str = "",
        forked: bool = False,
    ) -> None:
        self.data_dir = data_dir
        self.name = name
        self._mutant = mutant
        self._forked = forked and forking.VARIABLE in os.environ
        self.address = f"127.0.0.1:{_free_port()}"
        self._operations = f"127.0.0.1:{_free_port()}"
        self._log = folder / f"{name}.log"
        self._process: asyncio.subprocess.Process | Fork | None = None
        self.victim: Victim | None = None
        self.starts = 0

    @property
    def port(self) -> int:
        """The port of its address."""
        return int(self.address.rpartition(":")[2])

    async def start(
        self,
        *,
        failpoints: str = "",
        environment: Mapping[str, str] | None = None,
        wait: bool = True,
    ) -> None:
        """Start the process; with `wait` return when it serves. Raises ServiceEnded."""
        self.starts += 1
        with self._log.open("ab") as log:
            log.write(f"--- start {self.starts}, failpoints {failpoints or 'none'}\n".encode())
            log.flush()
            words = [*([f"--mutant={self._mutant}"] if self._mutant else []), "serve"]
            whole = self._environment(failpoints, environment or {})
            self._process = await self._begun(words, whole, log.fileno())
        self.victim = Victim.of(self._process.pid)
        if wait:
            await self.ready()

    async def _begun(
        self, words: list[str], environment: dict[str, str], log: int
    ) -> asyncio.subprocess.Process | Fork:
        # A library that is to be loaded before all others is loaded where a program begins.
        if self._forked and "LD_PRELOAD" not in environment:
            return forking.forked(forking.SERVICE, words, environment, log)
        return await asyncio.create_subprocess_exec(
            *_COMMAND,
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )

    async def ready(self, within_s: float = READY_S) -> None:
        """Wait until it says that it serves. Raises ServiceEnded, TimeoutError."""
        assert self._process is not None
        options = [("grpc.initial_reconnect_backoff_ms", 20), ("grpc.max_reconnect_backoff_ms", 50)]
        async with (
            asyncio.timeout(within_s),
            grpc.aio.insecure_channel(self.address, options=options) as channel,
        ):
            stub: Any = health_pb2_grpc.HealthStub(channel)
            while True:
                if self._process.returncode is not None:
                    raise ServiceEnded(f"{self.name} ended: {self.told()}")
                try:
                    said = await stub.Check(_ASKED, timeout=1, wait_for_ready=True)
                    if said.status == health_pb2.HealthCheckResponse.SERVING:
                        return
                except grpc.aio.AioRpcError:
                    pass
                await asyncio.sleep(_LOOK_S)

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        assert self._process is not None
        assert self.victim is not None
        self.victim.kill()
        await self._process.wait()

    async def gone(self, within_s: float = READY_S) -> int:
        """Wait until it has ended by itself; its status. `TimeoutError`: it has not."""
        assert self._process is not None
        async with asyncio.timeout(within_s):
            return await self._process.wait()

    async def stop(self) -> None:
        """Ask it to end, as an operator does; after 40 s kill it."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await self.gone(40)
        except TimeoutError:
            await self.kill()

    def say_where(self) -> None:
        """Let it write to its log what every thread is at."""
        if self.is_alive and self._process is not None:
            self._process.send_signal(signal.SIGUSR2)

    @property
    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    def told(self, characters: int = 2_000) -> str:
        """The end of its log."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-characters:]

    def _environment(self, failpoints: str, more: Mapping[str, str]) -> dict[str, str]:
        # Coverage would slow the service under test and say little: it is killed most times.
        kept = {name: value for name, value in os.environ.items() if not _is_foreign(name)}
        return {
            **kept,
            "JOURNEY_DATA_DIR": str(self.data_dir),
            "JOURNEY_GRPC_ADDRESS": self.address,
            "JOURNEY_OPERATIONS_ADDRESS": self._operations,
            "JOURNEY_LOG_FORMAT": "json",
            "JOURNEY_LOG_LEVEL": "warning",
            "JOURNEY_RATE_INTERACTIONS_PER_S": "0",
            "JOURNEY_RATE_BYTES_PER_S": "0",
            "JOURNEY_RATE_SUBJECT_PER_S": "0",
            "JOURNEY_DRAIN_NOTICE_MS": "0",
            "JOURNEY_DRAIN_STREAMS_MS": "0",
            "JOURNEY_FAILPOINTS": failpoints,
            **more,
        }


def _is_foreign(name: str) -> bool:
    return name.startswith(("COVERAGE_", "COV_", "JOURNEY_", "PYTEST_"))


def _free_port() -> int:
    """Below those that the system gives away: another server of the tests would get it before this
    one starts, and answer in its place."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port
