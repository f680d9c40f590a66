"""One run of one row: what its case needs, what it noted, and the verdict."""

import asyncio
import contextlib
import random
import subprocess
import time
from collections import Counter
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.battery.access import Access
from tests.battery.client import Client
from tests.battery.database import kill_whole, server_of
from tests.battery.final import read_in_the_end
from tests.battery.service import Service
from tests.history.checker import check
from tests.history.findings import Finding
from tests.history.history import load
from tests.history.recorder import Recorder

Mode = Literal["ci", "long"]
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the battery. `ci` and `long` say how much of `unit` is done in each mode.

    Fewer ok operations or faults than the least make a run invalid: it has shown nothing. What
    `times_starts` judges how long it takes until a service that was started serves.
    """

    id: str
    title: str
    unit: str
    ci: int
    long: int
    case: Callable[["Run"], Awaitable[None]]
    least_ok: int
    least_faults: int
    limit_s: int = 300
    times_starts: bool = False

    def size(self, mode: Mode) -> int:
        """How much to do."""
        return self.ci if mode == "ci" else self.long


@dataclass(slots=True)
class Run:
    """What a case works with, and where it says what it found.

    `violations` are broken promises that the history rules do not know of; `invalid` says why the
    run shows nothing.
    """

    row: Row
    mode: Mode
    seed: int
    folder: Path
    size: int
    ends_at: float | None = None
    mutant: str = ""
    draw: random.Random = field(init=False)
    recorder: Recorder = field(init=False)
    services: list[Service] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)
    figures: dict[str, str] = field(default_factory=dict)
    chapter: str = "all"

    def __post_init__(self) -> None:
        self.draw = random.Random(f"{self.row.id}/{self.seed}")
        self.recorder = Recorder(self.history, "clients")

    def begin_chapter(self, name: str) -> None:
        """From now on with a new data directory, and so a history of its own."""
        self.recorder.close()
        self.chapter = name
        self.recorder = Recorder(self.history, "clients")

    @property
    def history(self) -> Path:
        """Where the recorded history lies."""
        return self.folder / "history" / self.chapter

    @property
    def data_dir(self) -> Path:
        """The data directory of the services."""
        return self.folder / "data" / self.chapter

    @property
    def access(self) -> Access:
        """Tokens; there once a service has served."""
        return Access.to(self.data_dir)

    @property
    def is_over(self) -> bool:
        """Whether a run with a time limit has used it up."""
        return self.ends_at is not None and time.monotonic() > self.ends_at

    def service(self, name: str = "service") -> Service:
        """A service process of this run, not yet started."""
        forked = self.mode == "ci" and (self.mutant != "" or not self.row.times_starts)
        found = Service(self.folder, self.data_dir, name, mutant=self.mutant, forked=forked)
        self.services.append(found)
        return found

    def client(self, name: str, address: str, authorization: str) -> Client:
        """A client of this run."""
        found = Client(self.recorder, name, address, authorization)
        self.clients.append(found)
        return found

    def expect(self, holds: object, otherwise: str) -> None:
        """Note a broken promise unless it holds."""
        if not holds:
            self.violations.append(otherwise)

    def figure(self, name: str, value: str) -> None:
        """Note what was measured."""
        self.figures[name] = value

    @asynccontextmanager
    async def load(self, writers: Sequence[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
        """Writers at work. They end by themselves once told to; the block says when that is."""
        async with asyncio.TaskGroup() as tasks:
            for writer in writers:
                tasks.create_task(writer)
            yield

    async def close(self) -> None:
        """End everything that was started."""
        for client in self.clients:
            await client.close()
        for service in self.services:
            await service.stop()
        for data_dir in {service.data_dir for service in self.services}:
            # A service that was killed leaves its server to the next one; here there is none.
            if (left := server_of(data_dir)) is not None:
                kill_whole(left)
        self.recorder.close()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a run ended."""

    row: Row
    seed: int
    seconds: float
    counts: Mapping[str, int]
    findings: tuple[Finding, ...]
    violations: tuple[str, ...]
    invalid: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    folder: Path

    @property
    def passed(self) -> bool:
        """Whether nothing was wrong, and enough was tried to say so."""
        return not (self.findings or self.violations or self.invalid)

    def lines(self) -> list[str]:
        """The verdict in words: one line, then what is wrong, each on its own."""
        told = ", ".join(f"{number:,} {what}" for what, number in self.counts.items())
        figures = "".join(f"; {name} {value}" for name, value in self.figures)
        word = "held" if self.passed else "BROKEN"
        if self.invalid and not (self.findings or self.violations):
            word = "INVALID"
        first = (
            f"{self.row.id} {word} in {self.seconds:.1f} s, seed {self.seed}, commit {commit()}: "
            f"{told}{figures}"
        )
        return [
            first,
            *(f"  invalid: {why}" for why in self.invalid),
            *(f"  {line}" for line in _few(self.findings)),
            *(f"  {violation}" for violation in self.violations[:20]),
            *([] if self.passed else [f"  kept: {self.folder}"]),
        ]


def _few(findings: Sequence[Finding]) -> Iterator[str]:
    """The first findings of every rule, and how many more there are."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    for rule, found in sorted(by_rule.items()):
        yield from map(str, found[:_SHOWN])
        if len(found) > _SHOWN:
            yield f"{rule} and {len(found) - _SHOWN:,} more"


async def judge(run: Run) -> Verdict:
    """Play the case of a run and check its history. What the case raises is a violation."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(None if run.mode == "long" else run.row.limit_s):
            await run.row.case(run)
    except Exception as error:  # noqa: BLE001  whatever ends a case early is told, not raised
        run.violations.extend(_told(error))
        for service in run.services:
            service.say_where()
        await _read_all_the_same(run)
    finally:
        await run.close()
    run.violations.extend(bug for client in run.clients for bug in client.bugs)
    histories = [load(chapter) for chapter in sorted((run.folder / "history").iterdir())]
    ended = [history for history in histories if history.heads is not None]
    if not ended:
        run.invalid.append("nobody could read what the journal holds in the end")
    counts = Counter[str]()
    for history in histories:
        counts.update({outcome: history.count(outcome) for outcome in ("ok", "fail", "unknown")})
        counts.update(faults=history.faults, observations=history.observations)
    for what, least in (("ok", run.row.least_ok), ("faults", run.row.least_faults)):
        if counts[what] < least:
            run.invalid.append(f"{counts[what]} {what}, at least {least} are needed")
    return Verdict(
        row=run.row,
        seed=run.seed,
        seconds=time.monotonic() - began,
        counts=counts,
        findings=tuple(finding for history in ended for finding in check(history)),
        violations=tuple(run.violations),
        invalid=tuple(run.invalid),
        figures=tuple(run.figures.items()),
        folder=run.folder,
    )


async def _read_all_the_same(run: Run) -> None:
    """A case that ended early has a history, too, if anybody still serves."""
    for service in run.services:
        if service.is_alive and service.data_dir == run.data_dir:
            with contextlib.suppress(Exception):
                await read_in_the_end(run.recorder, service.address, run.access)
                return


def _told(error: BaseException) -> list[str]:
    if isinstance(error, BaseExceptionGroup):
        return [line for one in error.exceptions for line in _told(one)]
    return [f"the case ended early: {type(error).__name__}: {error}"]


def commit() -> str:
    """The commit that is checked out, marked where files differ from it."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip() or "unknown"
