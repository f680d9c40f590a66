"""The server of one data directory: whether it is alive, how it is started, adopted and ended.

Whoever calls something that changes it holds the lock DIR/lock/start.

A server is alive as long as DIR/lock/server is held: it gets that lock when it is started and hands
it on to each of its processes, so the kernel says whether one is left, in whatever way the others
ended. `postmaster.pid` only says which process to ask.
"""

import asyncio
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final, Literal

from journey_service.embedded.files import write_durably
from journey_service.embedded.grounds import clear_socket_folder, make_socket_folder
from journey_service.embedded.locks import FileLock, is_held
from journey_service.embedded.postmaster import (
    READY,
    Process,
    is_server_of,
    process,
    read_pid_file,
)
from journey_service.embedded.programs import Programs
from journey_service.embedded.settings import CONNECTIONS, settings_text
from journey_service.embedded.waiting import Progress, wait_for

FAST_SHUTDOWN_S: Final = 10.0
IMMEDIATE_SHUTDOWN_S: Final = 10.0


class Server:
    """The server that works in `programs.directory`, whichever process started it."""

    def __init__(
        self, programs: Programs, progress: Progress, *, connections: int = CONNECTIONS
    ) -> None:
        self._programs = programs
        self._connections = connections
        self._directory = programs.directory
        self._progress = progress
        self._child: subprocess.Popen[bytes] | None = None

    # --- looking --------------------------------------------------------------------------------

    def is_alive(self) -> bool:
        """Whether any process of it is left."""
        return is_held(self._directory.locks / "server")

    def current(self) -> Process | None:
        """The process to send signals to; None while there is none."""
        written = read_pid_file(self._directory.cluster)
        found = process(written.pid) if written and self.is_alive() else None
        return found if found and is_server_of(found, self._directory.cluster) else None

    def exit_status(self) -> int | None:
        """How the one that we started ended; None if it has not, or is another's."""
        return self._child.poll() if self._child else None

    # --- starting -------------------------------------------------------------------------------

    async def join(self) -> None:
        """Adopt the server that is alive, else start one. Returns when it takes connections."""
        found = await wait_for(
            self._ready_or_gone,
            saying="waiting for the PostgreSQL that is there already",
            progress=self._progress,
        )
        if isinstance(found, Process):
            self.let_go()
            self._progress(f"using the PostgreSQL that runs already (process {found.pid})")
            return
        await self.launch()

    def _ready_or_gone(self) -> Process | Literal["gone"] | None:
        if not self.is_alive():
            return "gone"
        written = read_pid_file(self._directory.cluster)
        return self.current() if written and written.status == READY else None

    async def launch(self) -> None:
        """Start one. `ServerFailed`: it ended before it was ready."""
        await self.spawn()
        await self.until_ready()

    async def spawn(self) -> None:
        """The first half of `launch`: the process is there."""
        environment = self._past_stale_pid_file()
        async with self.lock() as lock:
            await self._end_of_the_last()
            make_socket_folder(self._directory, self._programs.account)
            self._write_settings()
            command = self._programs.server_command()
            self._child = self._programs.spawn(command, lock, environment=environment)

    async def _end_of_the_last(self) -> None:
        """It let its lock go, but the system may not have told yet how it ended."""
        last = self._child
        if last is not None:
            await wait_for(
                lambda: None if last.poll() is None else (last.returncode,),
                saying="waiting for the end of the PostgreSQL before",
                progress=self._progress,
            )

    async def until_ready(self) -> None:
        """The second half of `launch`. After a crash it may take as long as a recovery."""
        began = time.monotonic()
        await wait_for(
            self._child_is_ready, saying="PostgreSQL is starting", progress=self._progress
        )
        version, took = self._programs.binaries.version, time.monotonic() - began
        self._progress(f"PostgreSQL {version} is ready ({took:.2f} s)")

    def _child_is_ready(self) -> bool:
        assert self._child is not None
        if (status := self._child.poll()) is not None:
            raise self._programs.failed("PostgreSQL", status)
        written = read_pid_file(self._directory.cluster)
        return written is not None and (written.pid, written.status) == (self._child.pid, READY)

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[FileLock]:
        """The lock that a program is given for life. Another process's look may be in its way."""
        with FileLock(self._directory.locks / "server") as lock:
            await wait_for(
                lock.try_exclusive,
                saying="waiting for the processes of an earlier PostgreSQL",
                progress=self._progress,
            )
            yield lock

    def _past_stale_pid_file(self) -> Mapping[str, str]:
        """Refuse a server that is not ours; let PostgreSQL see that a left-over file is one.

        Nobody holds the `server` lock here, so no server of ours is alive. After a restart of the
        machine the number in `postmaster.pid` may be any process's; PostgreSQL would take it for
        a server and not start. It knows one excuse, a grandparent's number, and looks for shared
        memory in use all the same. We never delete the file.
        """
        written = read_pid_file(self._directory.cluster)
        if written is None:
            return {}
        other = process(written.pid)
        if other is not None and is_server_of(other, self._directory.cluster):
            raise self._directory.unusable(
                f"is in use by a PostgreSQL that journey did not start (process {other.pid})",
                "Stop that server, or point --data-dir at another directory.",
            )
        # Also where nothing is left of the process but its status, which nobody has asked for yet.
        return {"PG_GRANDPARENT_PID": str(written.pid)}

    def _write_settings(self) -> None:
        owner = self._programs.account.owner
        path = self._directory.cluster / "journey.conf"
        if not path.exists():
            # Included by postgresql.conf, it must be there before the server can be asked.
            write_durably(path, b"", owner=owner)
        compression = "lz4" if self._programs.supports("wal_compression", "lz4") else "off"
        text = settings_text(
            self._directory, compression=compression, connections=self._connections
        ).encode()
        if path.read_bytes() != text:
            write_durably(path, text, owner=owner)

    # --- ending ---------------------------------------------------------------------------------

    async def end(self) -> None:
        """Stop it: fast, and if that takes more than 10 s, immediately."""
        for number, seconds in (
            (signal.SIGINT, FAST_SHUTDOWN_S),
            (signal.SIGQUIT, IMMEDIATE_SHUTDOWN_S),
        ):
            if await self._ends_by(number, seconds):
                clear_socket_folder(self._directory)
                self._progress("PostgreSQL has stopped")
                return
            self._progress(f"PostgreSQL did not stop within {seconds:.0f} s")

    async def _ends_by(self, number: signal.Signals, seconds: float) -> bool:
        told: set[Process] = set()
        try:
            async with asyncio.timeout(seconds):
                await wait_for(
                    lambda: self._gone_when_told(number, told),
                    saying="PostgreSQL is stopping",
                    progress=self._progress,
                )
        except TimeoutError:
            return False
        return True

    async def end_at_once(self) -> None:
        """End what an unfinished first start left, without limit: nothing in it was ever served.

        An initdb that is still at work is waited for; it takes a second.
        """
        told: set[Process] = set()
        await wait_for(
            lambda: self._gone_when_told(signal.SIGQUIT, told),
            saying="waiting for an unfinished first start to end",
            progress=self._progress,
        )

    def _gone_when_told(self, number: signal.Signals, told: set[Process]) -> bool:
        # A server that has only just been started says a moment later which process it is.
        server = self.current()
        if server and server not in told:
            server.send(number)
            told.add(server)
        return not self.is_alive()

    def let_go(self) -> None:
        """Forget the process that we started: it lives on for others, or has ended."""
        if self._child is not None and self._child.poll() is None:
            self._child.returncode = 0  # else Popen would warn when it is collected
        self._child = None
