"""Programs that are measured: started, waited for, weighed and ended."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

import grpc

from benchmarks.machine import ROOT

READY_S = 60.0
END_S = 30.0
LAST_LINES = 30
KIB = 1_024
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# Of /proc/PID/stat, behind the name: user and system time, then those of ended children.
_OWN = slice(11, 13)
_WITH_ENDED = slice(11, 15)
# A server that is starting is looked for often, so that the start is what is measured.
IMPATIENT = (
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.min_reconnect_backoff_ms", 20),
    ("grpc.max_reconnect_backoff_ms", 20),
    ("grpc.use_local_subchannel_pool", 1),
)


class ProgramFailed(RuntimeError):
    """A program ended before it was ready; the text is the end of what it said."""


@asynccontextmanager
async def running(
    command: Sequence[str], environment: dict[str, str], log: Path
) -> AsyncIterator[subprocess.Popen[bytes]]:
    """A program with its words in `log`; ended with an interrupt, as Ctrl-C does."""
    with log.open("ab") as words:
        program = _spawn(command, environment, words)
    try:
        yield program
    except BaseException as error:
        error.add_note(last_words(log))
        raise
    finally:
        await end(program)


def _spawn(
    command: Sequence[str], environment: dict[str, str], words: BinaryIO
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=words,
        stderr=subprocess.STDOUT,
    )


async def end(program: subprocess.Popen[bytes]) -> None:
    """Interrupt a program and wait for its end; kill it if it does not come."""
    if program.poll() is None:
        program.send_signal(signal.SIGINT)
    try:
        await asyncio.to_thread(program.wait, END_S)
    except subprocess.TimeoutExpired:
        program.kill()
        await asyncio.to_thread(program.wait)


async def accepting(address: str, program: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a gRPC server takes connections. Raises ProgramFailed when the program ends."""
    async with grpc.aio.insecure_channel(address, IMPATIENT) as channel:
        ready = asyncio.ensure_future(channel.channel_ready())
        try:
            async with asyncio.timeout(READY_S):
                while not (await asyncio.wait([ready], timeout=0.1))[0]:
                    if program.poll() is not None:
                        raise ProgramFailed(last_words(log))
        finally:
            ready.cancel()


def last_words(log: Path) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])


def free_address() -> str:
    """An address on this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def resident_bytes(process_id: int) -> int:
    """Memory that a process holds, shared libraries included."""
    listed = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(process_id)], check=True, capture_output=True, text=True
    )
    return int(listed.stdout) * KIB


def processor_s(process_id: int, fields: slice = _OWN) -> float:
    """Processor time of a process, seconds; NaN where there is no /proc."""
    try:
        text = Path(f"/proc/{process_id}/stat").read_text()
    except OSError:
        return float("nan")
    values = text.rpartition(")")[2].split()
    return sum(map(int, values[fields])) / TICKS_PER_S


def processor_s_of_tree(process_id: int) -> float:
    """The same with its children, those that live and those that have ended."""
    return processor_s(process_id, _WITH_ENDED) + sum(map(processor_s, _children(process_id)))


def _children(process_id: int) -> list[int]:
    try:
        tasks = Path(f"/proc/{process_id}/task/{process_id}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in tasks.split()]


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours with this interpreter."""
    return [sys.executable, "-m", module, *arguments]
