"""The command line that every measurement shares: modes, rounds, where results go."""

from __future__ import annotations

import argparse
import asyncio
import shlex
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import machine, report
from benchmarks.figures import RESULTS, Figure, Result

MODES = ("full", "quick", "tiny")
LEAST_ROUNDS = {"full": 7, "quick": 5, "tiny": 1}


@dataclass(slots=True)
class Run:
    """One run of a measurement: how much to do, and what to say about it.

    `settings` are the values that make the figure what it is; `notes` are sentences beside the
    table, such as what the load generator costs.
    """

    mode: str
    rounds: int
    settings: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def tell(self, what: str) -> None:
        """Show progress on standard error."""
        print(f"  {time.monotonic() - self.began:5.1f} s  {what}", file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Measurement:
    """A question and how it is answered."""

    name: str
    question: str
    measure: Callable[[Run], Awaitable[Sequence[Figure]]]


def main(measurement: Measurement, arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, store the result if asked to; the exit status."""
    given = _parser(measurement).parse_args(arguments)
    mode = "tiny" if given.tiny else "quick" if given.quick else "full"
    run = Run(mode, given.rounds or LEAST_ROUNDS[mode])
    print(f"{measurement.name}: {measurement.question}", file=sys.stderr)
    before = machine.machine()
    figures = asyncio.run(_awaited(measurement.measure(run)))
    result = _result(measurement, run, before, figures)
    print(report.plain(result))
    if given.results or given.write:
        folder = Path(given.results or RESULTS)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{measurement.name}.json").write_text(result.to_json())
    if given.write:
        report.write_table()
    return 0


async def _awaited(measuring: Awaitable[Sequence[Figure]]) -> Sequence[Figure]:
    return await measuring


def _result(
    measurement: Measurement, run: Run, before: Mapping[str, str], figures: Sequence[Figure]
) -> Result:
    flag = [] if run.mode == "full" else [f"--{run.mode}"]
    return Result(
        name=measurement.name,
        question=measurement.question,
        command=shlex.join(["python", "-m", f"benchmarks.{measurement.name}", *flag]),
        mode=run.mode,
        rounds=run.rounds,
        taken_on=datetime.now(UTC).date().isoformat(),
        machine=before,
        versions=machine.versions() | run.versions,
        settings=run.settings,
        figures=figures,
        notes=run.notes,
    )


def _parser(measurement: Measurement) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{measurement.name}", description=measurement.question
    )
    add_arguments(parser)
    return parser


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What every measurement and `python -m benchmarks` understand."""
    parser.add_argument("--quick", action="store_true", help="under a minute, five rounds")
    parser.add_argument("--tiny", action="store_true", help="shows that it runs; no figures")
    parser.add_argument("--rounds", type=int, default=0, help="rounds to take the median of")
    parser.add_argument("--write", action="store_true", help="store the result, renew the README")
    parser.add_argument("--results", default="", help="folder to store the result in instead")
