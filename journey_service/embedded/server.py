"""PostgreSQL as a part of the service: started with it, kept alive by it, stopped after it.

Several service processes may share one data directory, and so one server:

    nobody ──start──▶ starting ──ready──▶ running ──last user leaves──▶ stopped
                          ▲                  │
                          └─── back-off ◀────┘ it ended by itself (rule R20)

Three locks in DIR/lock decide everything. `start` is held during a decision; `users` is shared by
all service processes; `server` is held by the server's own processes, so whether a server is
alive is a fact of the kernel and not of a file with a number in it. A service that was killed
leaves its server running; the next one finds `server` held and adopts it.
"""

import asyncio
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import quote

from journey_service.embedded.account import server_account
from journey_service.embedded.binaries import locate, reachable
from journey_service.embedded.directory import DataDirectory, State
from journey_service.embedded.errors import EmbeddedPostgresError
from journey_service.embedded.files import write_durably
from journey_service.embedded.first_start import make_cluster, make_roles_and_database
from journey_service.embedded.grounds import clear, prepare
from journey_service.embedded.keys import Secrets, load_or_create_secrets, load_secrets
from journey_service.embedded.locks import FileLock, is_held
from journey_service.embedded.postmaster import (
    READY,
    Process,
    is_server_of,
    process,
    read_pid_file,
)
from journey_service.embedded.programs import Programs
from journey_service.embedded.settings import PORT, settings_text, socket_folder
from journey_service.embedded.waiting import Progress, wait_for
from journey_service.failpoints import failpoint, failpoint_async

FIRST_DELAY_S: Final = 0.2
LONGEST_DELAY_S: Final = 5.0
_LOOK_S = 0.1  # how soon an end of the server is seen
_FAST_SHUTDOWN_S = 10.0
_IMMEDIATE_SHUTDOWN_S = 10.0
_LEAVE_S = 10.0

Role = Literal["superuser", "owner", "application", "reader"]


class EmbeddedPostgres:
    """The PostgreSQL of one data directory, as one of its users sees it.

    `start` returns with a server that takes connections. At the first start of a data directory
    the caller then migrates and calls `mark_initialized`; until that, other processes wait, and a
    crash makes the next start begin from nothing. Run `supervise` as a task until `stop`.
    As a context manager it starts and stops.
    """

    def __init__(self, data_dir: Path, *, progress: Progress, binaries: Path | None = None) -> None:
        self.directory = DataDirectory(data_dir.expanduser().resolve())
        self._progress = progress
        self._named_binaries = binaries
        self._programs: Programs | None = None
        self._secrets: Secrets | None = None
        self._deciding: FileLock | None = None
        self._using: FileLock | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._server: Process | None = None
        self._stopping = False

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # --- what callers do ------------------------------------------------------------------------

    async def start(self) -> str:
        """Start the server, or adopt the one that runs, and return the owner's DSN.

        `DataDirectoryUnusable`: the directory cannot be used; nothing was changed.
        `BinariesMissing`: no PostgreSQL. `ServerFailed`: it ended while starting.
        """
        self._stopping = False
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise
        return self.dsn("owner")

    def mark_initialized(self) -> None:
        """Say that migrations have run: the first start is over, others may come in.

        After any later start it does nothing.
        """
        if self._deciding is None:
            return
        failpoint("first-start:migrated")
        self.directory.mark(self._ready_programs.binaries.major)
        self._let_others_decide()

    async def supervise(self) -> None:
        """Start the server again whenever it ends, without limit, until cancelled.

        The first attempt follows after 0.2 s, each further one after twice the time, up to 5 s;
        a server that lived longer than that starts the count anew. Every end is reported.
        """
        delay = FIRST_DELAY_S
        while not self._stopping:
            began = time.monotonic()
            await self._until_gone()
            if time.monotonic() - began > LONGEST_DELAY_S:
                delay = FIRST_DELAY_S
            delay = await self._start_again(delay)

    async def stop(self) -> None:
        """Leave. Who leaves last stops the server: fast, after 10 s immediately."""
        self._stopping = True
        try:
            if self._using is not None:
                await self._leave()
        finally:
            self._let_others_decide()
            self._forget()

    def dsn(self, role: Role = "owner", database: str = "journey") -> str:
        """Where and as whom to connect: a URL with the socket's folder and the role's password."""
        user = "postgres" if role == "superuser" else f"journey_{role}"
        password = quote(self.secrets.passwords[role], safe="")
        folder = quote(str(socket_folder(self.directory)))
        return f"postgresql://{user}:{password}@/{quote(database)}?host={folder}&port={PORT}"

    @property
    def secrets(self) -> Secrets:
        """Keys and passwords of this data directory; there after `start`."""
        assert self._secrets is not None, "not started"
        return self._secrets

    @property
    def is_first_start(self) -> bool:
        """Whether `mark_initialized` is still to be called."""
        return self._deciding is not None

    @property
    def process_id(self) -> int | None:
        """The server's process, while there is one."""
        server = self._current_server()
        return server.pid if server else None

    # --- starting -------------------------------------------------------------------------------

    async def _start(self) -> None:
        binaries = locate(self._named_binaries)
        state = self.directory.check(binaries.major)
        account = server_account(self.directory.cluster)
        prepare(self.directory, account, state)
        self._deciding = await self._decide("waiting for another journey process that is starting")
        self._using = FileLock(self.directory.locks / "users")
        await wait_for(self._using.try_shared, saying="waiting to come in", progress=self._progress)
        binaries = reachable(binaries, account, self.directory.binaries)
        self._programs = Programs(binaries, account, self.directory)
        # Looked at again: another process may have changed it while we waited.
        if self.directory.check(binaries.major) is State.NEW:
            await self._start_first()
        else:
            self._secrets = load_secrets(self.directory.secrets)
            await self._join()
            self._let_others_decide()

    async def _start_first(self) -> None:
        programs = self._ready_programs
        self._progress(f"making a new database in {self.directory.path}")
        await failpoint_async("first-start:directory-made")
        await self._end_half_made_server()
        for moved in self.directory.set_aside():
            self._progress(f"an unfinished first start was moved to {moved}")
        await failpoint_async("first-start:set-aside")
        self._secrets = load_or_create_secrets(self.directory.secrets)
        async with self._server_lock() as lock:
            await make_cluster(programs, self._secrets, lock, self._progress)
        await self._launch()
        await failpoint_async("first-start:server-ready")
        await make_roles_and_database(self.dsn("superuser", "postgres"), self._secrets)

    async def _end_half_made_server(self) -> None:
        """Nothing in it was ever served: it is moved aside in a moment, whatever state it is in."""

        def gone() -> bool:
            if server := self._current_server():
                server.send(signal.SIGQUIT)
            return not self._is_alive()

        await wait_for(gone, saying="waiting for an unfinished start", progress=self._progress)

    async def _join(self) -> None:
        """Adopt the server that is alive, else start one. Needs the `start` lock."""
        found = await wait_for(
            self._ready_or_gone,
            saying="waiting for the PostgreSQL that is there already",
            progress=self._progress,
        )
        if isinstance(found, Process):
            self._server = found
            self._progress(f"using the PostgreSQL that runs already (process {found.pid})")
        else:
            await self._launch()

    def _ready_or_gone(self) -> Process | Literal["gone"] | None:
        if not self._is_alive():
            return "gone"
        written = read_pid_file(self.directory.cluster)
        return self._current_server() if written and written.status == READY else None

    async def _launch(self) -> None:
        began = time.monotonic()
        programs = self._ready_programs
        environment = self._past_stale_pid_file()
        async with self._server_lock() as lock:
            self._write_settings()
            self._child = programs.spawn(programs.server_command(), lock, environment=environment)
        self._server = process(self._child.pid)
        if self.is_first_start:
            await failpoint_async("first-start:server-spawned")
        await wait_for(
            self._child_is_ready, saying="PostgreSQL is starting", progress=self._progress
        )
        took = time.monotonic() - began
        self._progress(f"PostgreSQL {programs.binaries.version} is ready ({took:.2f} s)")

    def _child_is_ready(self) -> bool:
        assert self._child is not None
        if (status := self._child.poll()) is not None:
            raise self._ready_programs.failed("PostgreSQL", status)
        written = read_pid_file(self.directory.cluster)
        return written is not None and (written.pid, written.status) == (self._child.pid, READY)

    def _past_stale_pid_file(self) -> dict[str, str]:
        """Refuse a server that is not ours; let PostgreSQL see that a left-over file is one.

        Nobody holds the `server` lock here, so no server of ours is alive. After a restart of the
        machine the number in `postmaster.pid` may be any process's; PostgreSQL would take it for
        a server and not start. It knows one excuse, a grandparent's number, and looks for shared
        memory in use all the same. We never delete the file.
        """
        written = read_pid_file(self.directory.cluster)
        other = process(written.pid) if written else None
        if other is None:
            return {}
        if is_server_of(other, self.directory.cluster):
            raise self.directory.unusable(
                f"is in use by a PostgreSQL that journey did not start (process {other.pid})",
                "Stop that server, or point --data-dir at another directory.",
            )
        return {"PG_GRANDPARENT_PID": str(other.pid)}

    def _write_settings(self) -> None:
        programs = self._ready_programs
        path = self.directory.cluster / "journey.conf"
        if not path.exists():
            # Included by postgresql.conf, it must be there before the server can be asked.
            write_durably(path, b"", owner=programs.account.owner)
        compression = "lz4" if programs.supports("wal_compression", "lz4") else "off"
        text = settings_text(self.directory, compression=compression).encode()
        if path.read_bytes() != text:
            write_durably(path, text, owner=programs.account.owner)

    # --- keeping --------------------------------------------------------------------------------

    async def _until_gone(self) -> None:
        while self._is_alive():  # noqa: ASYNC110  no event tells of another process's child
            await asyncio.sleep(_LOOK_S)

    async def _start_again(self, delay: float) -> float:
        """Try until a server runs. Returns the delay before the next attempt after that."""
        while not self._stopping:
            self._progress(f"PostgreSQL ended{self._how()}; starting it again in {delay:.1f} s")
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_S)
            try:
                async with self._decision():
                    if not self._stopping:
                        await self._join()
                return delay
            except (EmbeddedPostgresError, OSError) as error:
                self._progress(str(error))
        return delay

    def _how(self) -> str:
        status = self._child.poll() if self._child else None
        return "" if status is None else f" (status {status})"

    # --- leaving --------------------------------------------------------------------------------

    async def _leave(self) -> None:
        assert self._using is not None
        try:
            async with asyncio.timeout(_LEAVE_S):
                self._deciding = self._deciding or await self._decide(
                    "waiting for another journey process that is starting or stopping"
                )
        except TimeoutError:
            # Whoever decides there is a user too, and stops the server when it leaves.
            self._progress("PostgreSQL is left to the process that is starting or stopping")
            return
        if self._using.try_exclusive() and self._is_alive():
            await self._shut_down()

    async def _shut_down(self) -> None:
        for number, seconds in (
            (signal.SIGINT, _FAST_SHUTDOWN_S),
            (signal.SIGQUIT, _IMMEDIATE_SHUTDOWN_S),
        ):
            if server := self._current_server() or self._server:
                server.send(number)
            try:
                async with asyncio.timeout(seconds):
                    await wait_for(
                        lambda: not self._is_alive(),
                        saying="PostgreSQL is stopping",
                        progress=self._progress,
                    )
            except TimeoutError:
                self._progress(f"PostgreSQL did not stop within {seconds:.0f} s")
                continue
            clear(self.directory)
            self._progress("PostgreSQL has stopped")
            return

    def _forget(self) -> None:
        if self._using is not None:
            self._using.close()
            self._using = None
        if self._child is not None and self._child.poll() is None:
            # It lives on for the processes that share it; Popen would warn of that.
            self._child.returncode = 0
        self._child = self._server = None

    # --- locks and looks ------------------------------------------------------------------------

    async def _decide(self, saying: str) -> FileLock:
        lock = FileLock(self.directory.locks / "start")
        try:
            await wait_for(lock.try_exclusive, saying=saying, progress=self._progress)
        except BaseException:
            lock.close()
            raise
        return lock

    @asynccontextmanager
    async def _decision(self) -> AsyncIterator[None]:
        if self._deciding is not None:
            yield  # during the first start the decision is ours until the marker is written
            return
        with await self._decide("waiting for another journey process that is starting PostgreSQL"):
            yield

    def _let_others_decide(self) -> None:
        if self._deciding is not None:
            self._deciding.close()
            self._deciding = None

    @asynccontextmanager
    async def _server_lock(self) -> AsyncIterator[FileLock]:
        """The lock that a program is given for life. Another process's look may be in its way."""
        with FileLock(self.directory.locks / "server") as lock:
            await wait_for(
                lock.try_exclusive,
                saying="waiting for the processes of an earlier PostgreSQL",
                progress=self._progress,
            )
            yield lock

    def _is_alive(self) -> bool:
        return is_held(self.directory.locks / "server")

    def _current_server(self) -> Process | None:
        """The server that is alive now, whoever started it."""
        written = read_pid_file(self.directory.cluster)
        found = process(written.pid) if written and self._is_alive() else None
        return found if found and is_server_of(found, self.directory.cluster) else None

    @property
    def _ready_programs(self) -> Programs:
        assert self._programs is not None, "not started"
        return self._programs
