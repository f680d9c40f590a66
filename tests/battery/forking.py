"""Rows and services that start without waiting for imports: a process that has them forks for each.

    python -m tests.battery.forking SOCKET

They are processes of their own all the same, which are killed and paused as any other. Where it
counts how long a start takes, and in long mode, they are started as an operator starts them.
"""

import asyncio
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[2]
# Where the process listens; without it nobody forks.
VARIABLE = "BATTERY_FORKS_AT"
SERVICE, ROW = "tests.battery.entry", "tests.battery.__main__"
_NEEDED = (SERVICE, ROW, "journey_service.cli.ending", "journey_service.cli.commands.serve")
_LONGEST = 1 << 20
_READY_S = 60.0


class Fork:
    """A process that was forked, as `asyncio.subprocess.Process` shows it."""

    def __init__(self, link: socket.socket, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._link = link
        self._ended = asyncio.create_task(self._end())

    async def _end(self) -> int:
        """Its status, in the way of `asyncio.subprocess.Process`."""
        self._link.setblocking(False)
        told = await asyncio.get_running_loop().sock_recv(self._link, _LONGEST)
        self._link.close()
        self.returncode = int(told)
        return self.returncode

    async def wait(self) -> int:
        """Wait until it has ended."""
        return await asyncio.shield(self._ended)

    def send_signal(self, number: int) -> None:
        """As the library's: nothing is sent to one that has ended."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)


def forked(module: str, words: Sequence[str], environment: Mapping[str, str], log: int) -> Fork:
    """Start `main` of a module, which writes to the log and reads nothing."""
    return Fork(*ask(module, words, environment, (log, log)))


def ask(
    module: str, words: Sequence[str], environment: Mapping[str, str], outputs: tuple[int, int]
) -> tuple[socket.socket, int]:
    """Start `main` of a module with such outputs; its pid, and where its status comes at its end, a
    number in words.
    """
    link = socket.socket(socket.AF_UNIX)
    link.connect(os.environ[VARIABLE])
    asked = json.dumps([module, list(words), dict(environment)]).encode()
    with Path(os.devnull).open("rb") as nothing:
        files = [nothing.fileno(), *outputs]
        socket.send_fds(link, [len(asked).to_bytes(4, "big")], files)
    link.sendall(asked)
    return link, int.from_bytes(link.recv(4, socket.MSG_WAITALL), "big")


@contextmanager
def forking(environment: Mapping[str, str]) -> Iterator[None]:
    """A process that forks for all that this one starts."""
    with TemporaryDirectory() as folder:
        at = str(Path(folder, "forks"))
        command = [sys.executable, "-m", __name__, at]
        with subprocess.Popen(command, cwd=ROOT, env=dict(environment)) as process:
            limit = time.monotonic() + _READY_S
            while not Path(at).exists():
                assert process.poll() is None, "what forks has ended"
                assert time.monotonic() < limit, "what forks is not ready"
                time.sleep(0.02)
            os.environ[VARIABLE] = at
            try:
                yield
            finally:
                del os.environ[VARIABLE]
                process.kill()


# --- in the process that forks -------------------------------------------------------------------


def main() -> None:
    """Fork for everybody who asks, until this process is killed."""
    for module in _NEEDED:
        importlib.import_module(module)
    gc.freeze()
    at = sys.argv[1]
    # Nobody waits for those who wait for the forked.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{at}.new")
        listening.listen(16)
        os.rename(f"{at}.new", at)  # noqa: PTH104
        while True:
            link, _ = listening.accept()
            if not os.fork():
                listening.close()
                break
            link.close()
    become(*_keep(link))


def _keep(link: socket.socket) -> tuple[str, list[str], dict[str, str]]:
    """Fork, and tell how that ends; returns in the forked process, with what it shall be."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    length, files, _, _ = socket.recv_fds(link, 4, 3)
    asked = link.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL)
    pid = os.fork()
    if pid:
        for file in files:
            os.close(file)
        link.sendall(pid.to_bytes(4, "big"))
        _, status = os.waitpid(pid, 0)
        with suppress(OSError):
            link.sendall(str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    link.close()
    os.setsid()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    module, words, environment = json.loads(asked)
    return module, words, environment


def become(module: str, words: list[str], environment: dict[str, str]) -> None:
    """Be the program, as if it had just been started with these words and this environment."""
    from journey_service import failpoints  # noqa: PLC0415  what it reads when it is imported

    os.environ.clear()
    os.environ.update(environment)
    on = environment.get(failpoints.VARIABLE, "")
    failpoints._active = failpoints.Failpoints(on) if on else None
    sys.argv = [module, *words]
    program: Any = importlib.import_module(module)
    sys.exit(program.main())


if __name__ == "__main__":
    main()
