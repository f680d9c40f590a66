"""Starting PostgreSQL's programs: as the right user, with nothing of our environment."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from journey_service.embedded.account import Account
from journey_service.embedded.binaries import Binaries
from journey_service.embedded.directory import DataDirectory
from journey_service.embedded.errors import ServerFailed
from journey_service.embedded.locks import FileLock

# Not more: our environment can hold keys, and PG* variables would change what the programs do.
_ENVIRONMENT_HANDED_ON = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_LAST_WORDS_LINES = 5


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs, the user they run as, and the directory they work on."""

    binaries: Binaries
    account: Account
    directory: DataDirectory

    def spawn(
        self,
        command: Sequence[str | Path],
        lock: FileLock,
        *,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program that holds `lock` as long as it or a child of its lives.

        It gets a session of its own, so that Ctrl-C in our terminal is not sent to it: others may
        use the server. It does not die with us either (no parent-death signal): the next service
        process adopts it, which is faster than a recovery. What it says before its log is open
        goes to DIR/log/start.log.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        said = os.open(self.directory.log / "start.log", flags, 0o600)
        try:
            return subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd="/",
                env=_environment() | dict(environment or {}),
                start_new_session=True,
                umask=0o077,
                pass_fds=(lock.fileno(),),
                **self.account.spawn_arguments(),
            )
        finally:
            os.close(said)

    def server_command(self) -> list[str | Path]:
        """What starts the server on the cluster."""
        return [self.binaries.postgres, "-D", self.directory.cluster]

    def failed(self, what: str, status: int) -> ServerFailed:
        """An error with the last lines of the newest log."""
        logs = sorted(self.directory.log.glob("*.log"), key=lambda log: log.stat().st_mtime)
        text = logs[-1].read_text(encoding="utf-8", errors="replace") if logs else ""
        words = "\n".join(f"    {line}" for line in text.splitlines()[-_LAST_WORDS_LINES:])
        return ServerFailed(
            f"journey: {what} ended with status {status}; "
            f"the end of its log in {self.directory.log}:\n{words}"
        )

    def supports(self, setting: str, value: str) -> bool:
        """Whether this server, as it was built, takes a value of a setting."""
        asked = subprocess.run(  # noqa: S603
            [*self.server_command(), "-c", f"{setting}={value}", "-C", setting],
            env=_environment(),
            cwd="/",
            capture_output=True,
            check=False,
            **self.account.spawn_arguments(),
        )
        return asked.returncode == 0


def _environment() -> dict[str, str]:
    handed_on = {name: os.environ[name] for name in _ENVIRONMENT_HANDED_ON if name in os.environ}
    # With a zone named, initdb does not search the system for one.
    return handed_on | {"LC_ALL": "C", "TZ": "UTC"}
