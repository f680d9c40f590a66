"""Work in a process of its own, so that it costs the measured side nothing but the processor.

async with Apart(LoadGenerator) as load:
    outcome = await load.do(job)        # job and outcome travel as pickles
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar

import uvloop

J = TypeVar("J")
J_contra = TypeVar("J_contra", contravariant=True)
O = TypeVar("O")  # noqa: E741  what comes out
O_co = TypeVar("O_co", covariant=True)
END_S = 10.0
# Workers are forked from a process that does nothing else and has what they all import.
_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["benchmarks.filling", "benchmarks.propagation"])


class Worker(Protocol[J_contra, O_co]):
    """Does jobs one after the other, in a loop of its own process."""

    async def do(self, job: J_contra) -> O_co:
        """Do one job."""

    async def close(self) -> None:
        """Let go of what it holds."""


class Done(NamedTuple, Generic[O]):
    """What a job gave, and the processor time that the worker's process spent on it, seconds."""

    outcome: O
    cpu_s: float


class WorkFailed(RuntimeError):
    """A job raised; the text is the traceback in the other process."""


class Apart(Generic[J, O]):
    """A worker in a process of its own. As a context manager it starts and ends it."""

    def __init__(self, make: Callable[[], Worker[J, O]]) -> None:
        self._make = make
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection[Any, Any] | None = None

    async def __aenter__(self) -> Self:
        self._pipe, other = _FORKING.Pipe()
        self._process = _FORKING.Process(target=_serve, args=(self._make, other), daemon=True)
        self._process.start()
        other.close()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._pipe is not None
        assert self._process is not None
        self._pipe.close()
        await asyncio.to_thread(self._process.join, END_S)
        if self._process.is_alive():
            self._process.kill()

    async def do(self, job: J) -> Done[O]:
        """Have a job done. Raises WorkFailed with what it raised, EOFError if its process died."""
        assert self._pipe is not None
        await asyncio.to_thread(self._pipe.send, job)
        done, trace = await asyncio.to_thread(self._pipe.recv)
        if trace:
            raise WorkFailed(trace)
        answer: Done[O] = done
        return answer


def _serve(make: Callable[[], Worker[Any, Any]], pipe: Connection[Any, Any]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_answer(make, pipe))


async def _answer(make: Callable[[], Worker[Any, Any]], pipe: Connection[Any, Any]) -> None:
    worker = make()
    while True:
        try:
            job = await asyncio.to_thread(pipe.recv)
        except EOFError:
            break
        pipe.send(await _attempt(worker, job))
    await worker.close()


async def _attempt(worker: Worker[Any, Any], job: object) -> tuple[Done[Any] | None, str]:
    began = _cpu_s()
    try:
        outcome = await worker.do(job)
    except Exception:  # noqa: BLE001  told to the process that asked
        return None, traceback.format_exc()
    return Done(outcome, _cpu_s() - began), ""


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
