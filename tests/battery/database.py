"""The PostgreSQL under the service, as a thing that can be killed."""

import os
from pathlib import Path

from tests.faults.processes import Victim, processes

_CLIENTS = b"journey_"
_CHILD = b"postgres: "


def server_of(data_dir: Path) -> Victim | None:
    """The server that its own file names, if it is alive."""
    try:
        lines = (data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
        return Victim.of(int(lines[0]))
    except (OSError, ValueError, IndexError):
        return None


def client_backends(server: Victim) -> list[Victim]:
    """Server processes that serve the service's connections."""
    return [child for child in server.children() if _CLIENTS in _title(child)]


def servers_at(data_dir: Path) -> list[Victim]:
    """Every PostgreSQL server at work in the cluster, whoever started it.

    Not what a killed one left: its logger, say, which ends when nobody can write to it any more.
    Nor what a server has just forked, which bears the server's title for a moment.
    """
    cluster = os.path.realpath(data_dir / "postgres")
    found = [one for one in processes() if _is_at(one, cluster)]
    forking = {one.pid for one in found}
    return [
        one for one in found if one.parent not in forking and not _title(one).startswith(_CHILD)
    ]


def kill_whole(server: Victim) -> None:
    """SIGKILL for the server and all its processes, the server first."""
    family = server.family()
    for one in family:
        one.kill()


def _is_at(candidate: Victim, cluster: str) -> bool:
    if candidate.command != "postgres":
        return False
    try:
        return os.readlink(f"/proc/{candidate.pid}/cwd") == cluster  # noqa: PTH115  as it is
    except OSError:
        return False


def _title(candidate: Victim) -> bytes:
    try:
        return Path(f"/proc/{candidate.pid}/cmdline").read_bytes()
    except OSError:
        return b""
