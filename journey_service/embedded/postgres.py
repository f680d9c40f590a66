"""PostgreSQL as a part of the service: started with it, kept alive by it, stopped after it.

Several service processes may share one data directory, and so one server:

    nobody ──start──▶ starting ──ready──▶ running ──last user leaves──▶ stopped
                          ▲                  │
                          └─── back-off ◀────┘ it ended by itself (rule R20)

Who starts or stops anything holds DIR/lock/start meanwhile; who uses the server holds
DIR/lock/users together with all others. A service that was killed leaves its server running; the
next one finds it alive and adopts it.
"""

import asyncio
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
from journey_service.embedded.first_start import make_cluster, make_roles_and_database
from journey_service.embedded.grounds import prepare
from journey_service.embedded.keys import Secrets, load_or_create_secrets, load_secrets
from journey_service.embedded.locks import FileLock
from journey_service.embedded.programs import Programs
from journey_service.embedded.server import Server
from journey_service.embedded.settings import CONNECTIONS, PORT, socket_folder
from journey_service.embedded.waiting import Progress, wait_for
from journey_service.failpoints import failpoint, failpoint_async

FIRST_DELAY_S: Final = 0.2
LONGEST_DELAY_S: Final = 5.0
_LOOK_S = 0.1  # how soon an end of the server is seen
_LEAVE_S = 10.0

Role = Literal["superuser", "owner", "application", "reader"]


class EmbeddedPostgres:
    """The PostgreSQL of one data directory, as one of its users sees it.

    `start` returns with a server that takes connections. At the first start of a data directory
    the caller then migrates and calls `mark_initialized`; until that, other processes wait, and a
    crash makes the next start begin from nothing. Run `supervise` as a task until `stop`.
    As a context manager it starts and stops.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        progress: Progress,
        binaries: Path | None = None,
        connections: int = CONNECTIONS,
    ) -> None:
        """`connections`: how many it takes, where this process starts the server."""
        self._connections = connections
        self.directory = DataDirectory(data_dir.expanduser().resolve())
        self._progress = progress
        self._named_binaries = binaries
        self._major = 0
        self._secrets: Secrets | None = None
        self._deciding: FileLock | None = None
        self._using: FileLock | None = None
        self._running: Server | None = None
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
        self.directory.mark(self._major)
        self._let_others_decide()

    async def supervise(self) -> None:
        """Start the server again whenever it ends, without limit, until cancelled.

        The first attempt follows after 0.2 s, each further one after twice the time, up to 5 s;
        a server that lived longer than that starts the count anew. Every end is reported.
        """
        server = self._running
        assert server is not None, "not started"
        delay = FIRST_DELAY_S
        while not self._stopping:
            began = time.monotonic()
            while server.is_alive():  # noqa: ASYNC110  no event tells of another's child
                await asyncio.sleep(_LOOK_S)
            if time.monotonic() - began > LONGEST_DELAY_S:
                delay = FIRST_DELAY_S
            delay = await self._start_again(server, delay)

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
        server = self._running.current() if self._running else None
        return server.pid if server else None

    # --- starting -------------------------------------------------------------------------------

    async def _start(self) -> None:
        binaries = locate(self._named_binaries)
        self._major = binaries.major
        state = self.directory.check(binaries.major)
        account = server_account(self.directory.cluster)
        prepare(self.directory, account, state)
        self._deciding = await self._decide("waiting for another journey process that is starting")
        self._using = FileLock(self.directory.locks / "users")
        await wait_for(self._using.try_shared, saying="waiting to come in", progress=self._progress)
        binaries = reachable(binaries, account, self.directory.binaries)
        programs = Programs(binaries, account, self.directory)
        self._running = server = Server(programs, self._progress, connections=self._connections)
        # Looked at again: another process may have changed it while we waited.
        if self.directory.check(binaries.major) is State.NEW:
            await self._start_first(programs, server)
        else:
            self._secrets = load_secrets(self.directory.secrets)
            await server.join()
            self._let_others_decide()

    async def _start_first(self, programs: Programs, server: Server) -> None:
        self._progress(f"making a new database in {self.directory.path}")
        await failpoint_async("first-start:directory-made")
        await server.end_at_once()
        for moved in self.directory.set_aside():
            self._progress(f"an unfinished first start was moved to {moved}")
        await failpoint_async("first-start:set-aside")
        self._secrets = load_or_create_secrets(self.directory.secrets)
        async with server.lock() as lock:
            await make_cluster(programs, self._secrets, lock, self._progress)
        await server.spawn()
        await failpoint_async("first-start:server-spawned")
        await server.until_ready()
        await failpoint_async("first-start:server-ready")
        await make_roles_and_database(self.dsn("superuser", "postgres"), self._secrets)

    # --- keeping --------------------------------------------------------------------------------

    async def _start_again(self, server: Server, delay: float) -> float:
        """Try until a server runs. Returns the delay before the next attempt after that."""
        while not self._stopping:
            status = server.exit_status()
            how = "" if status is None else f" (status {status})"
            self._progress(f"PostgreSQL ended{how}; starting it again in {delay:.1f} s")
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_S)
            try:
                async with self._decision():
                    if not self._stopping:
                        await server.join()
                return delay
            except (EmbeddedPostgresError, OSError) as error:
                self._progress(str(error))
        return delay

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
        if self._using.try_exclusive() and self._running and self._running.is_alive():
            await self._running.end()

    def _forget(self) -> None:
        if self._using is not None:
            self._using.close()
            self._using = None
        if self._running is not None:
            self._running.let_go()
            self._running = None

    # --- locks ---------------------------------------------------------------------------------

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
