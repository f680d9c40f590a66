"""One running PostgreSQL server, known by its process id together with when that process began.

A process id alone is used again by other processes; nothing here signals a process of which
only the number is known.
"""

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

READY = "ready"


@dataclass(frozen=True, slots=True)
class PidFile:
    """What a server wrote into `postmaster.pid`. `status` is empty until it has got that far."""

    pid: int
    status: str


@dataclass(frozen=True, slots=True)
class Process:
    """A process, and an opaque text that says when it began."""

    pid: int
    began: str

    def is_alive(self) -> bool:
        """Whether this very process is still there."""
        return _began(self.pid) == self.began

    def send(self, number: signal.Signals) -> None:
        """Send a signal to this very process; nothing if it has gone."""
        with contextlib.suppress(ProcessLookupError):
            self._send(number)

    def _send(self, number: signal.Signals) -> None:
        if not hasattr(os, "pidfd_open"):
            if self.is_alive():
                os.kill(self.pid, number)
            return
        # With a handle in hand, the number cannot pass to another process after the look.
        handle = os.pidfd_open(self.pid)
        try:
            if self.is_alive():
                signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)


def process(pid: int) -> Process | None:
    """The process that has this number now; None if there is none, or only its exit status."""
    began = _began(pid)
    return None if began is None else Process(pid, began)


def is_server_of(candidate: Process, cluster: Path) -> bool:
    """Whether a process is a PostgreSQL server at work in `cluster`, as far as can be seen."""
    try:
        # A server changes into its directory first of all.
        return Path(f"/proc/{candidate.pid}/cwd").readlink() == cluster
    except OSError:
        return _program_of(candidate.pid) == "postgres"


def read_pid_file(cluster: Path) -> PidFile | None:
    """What `postmaster.pid` says; None if there is none, or not yet a whole first line."""
    try:
        lines = (
            (cluster / "postmaster.pid").read_text(encoding="utf-8", errors="replace").split("\n")
        )
        pid = int(lines[0])
    except (OSError, ValueError):
        return None
    return PidFile(pid, lines[7].strip() if len(lines) > 7 else "")  # noqa: PLR2004


def _began(pid: int) -> str | None:
    try:
        # Fields after the name, which may hold blanks and brackets: state is the third of the
        # line, the start in clock ticks the 22nd (proc_pid_stat(5)).
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        state, *rest = fields.rpartition(")")[2].split()
    except OSError:
        return None if Path("/proc/self/stat").exists() else _asked(pid, "lstart=")
    return None if state in {"Z", "X"} else rest[18]


def _program_of(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        path = _asked(pid, "comm=")
        return Path(path).name if path else None


def _asked(pid: int, column: str) -> str | None:
    # Systems without /proc.
    told = subprocess.run(  # noqa: S603
        ["ps", "-o", column, "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or None
