"""What the rows see of PostgreSQL from outside."""

import shutil
import subprocess
from pathlib import Path

from tests.battery.database import kill_whole, servers_at
from tests.faults.processes import Victim

_SHELL = shutil.which("sh") or "/bin/sh"
_FORKS_ONE = "(echo forked; while :; do sleep 1; done) & wait"


def test_what_a_server_has_just_forked_is_no_second_server(tmp_path: Path) -> None:
    cluster, program = tmp_path / "postgres", tmp_path / "programs" / "postgres"
    cluster.mkdir()
    program.parent.mkdir()
    shutil.copy(_SHELL, program)
    command = [str(program), "-c", _FORKS_ONE]
    with subprocess.Popen(command, cwd=cluster, stdout=subprocess.PIPE) as started:
        try:
            assert started.stdout is not None
            started.stdout.readline()
            server = Victim.of(started.pid)
            assert server is not None
            forked, found = server.children(), servers_at(tmp_path)
            kill_whole(server)
        finally:
            started.kill()
    assert [one.command for one in forked] == ["postgres"]
    assert found == [server]
