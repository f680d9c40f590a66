"""Where the time goes: py-spy on the service while a measurement of calls runs against it.

    python -m benchmarks.profile record --quick          the functions with the most own time
    python -m benchmarks.profile record_stream --raw F   also the stacks, for a flame graph

Needs py-spy, which `make bench` installs. Sampling costs a little, so the figures are not kept.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

from benchmarks.processes import running
from benchmarks.program import Measurement, Run
from benchmarks.service import Service, serving

MEASUREMENTS = ("record", "record_stream", "get_journey", "appends")
SAMPLES_PER_S = 500
SHOWN = 45
PERCENT = 100


def main() -> int:
    """Measure under the profiler and print where the samples fell; exit status 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("name", choices=MEASUREMENTS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--raw", default="", help="file for the stacks, collapsed")
    given = parser.parse_args()
    module = import_module(f"benchmarks.{given.name}")
    with tempfile.TemporaryDirectory() as place:
        stacks = Path(given.raw or Path(place) / "stacks.txt")
        watched = _profiled(stacks)
        # Every measurement takes `serving` from its own names.
        module.__dict__["serving"] = watched
        measurement: Measurement = module.MEASUREMENT
        run = Run("quick" if given.quick else "full", 5)
        asyncio.run(_awaited(measurement, run))
        print(summary(stacks.read_text().splitlines()))
    return 0


async def _awaited(measurement: Measurement, run: Run) -> None:
    await measurement.measure(run)


def _profiled(stacks: Path) -> object:
    @asynccontextmanager
    async def profiled(
        place: Path, settings: Mapping[str, str] | None = None
    ) -> AsyncIterator[Service]:
        async with serving(place, settings) as served:
            log = place / "py-spy.log"
            async with running(_command(served.program.pid, stacks), {}, log):
                yield served

    return profiled


def _command(process_id: int, stacks: Path) -> list[str]:
    found = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or "py-spy"
    rate = ["--rate", str(SAMPLES_PER_S)]
    output = ["--function", "--format", "raw", "--output", str(stacks)]
    return [found, "record", "--pid", str(process_id), *rate, *output]


def summary(stacks: Iterable[str]) -> str:
    """Own time and time with callees of each function, as parts of all samples."""
    own: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for line in stacks:
        frames, _, count = line.rpartition(" ")
        names = frames.split(";")
        own[names[-1]] += int(count)
        total.update(dict.fromkeys(names, int(count)))
    samples = max(1, sum(own.values()))
    return "\n\n".join(
        f"{title} ({samples} samples)\n{_rows(counted, samples)}"
        for title, counted in (("own time", own), ("with what it calls", total))
    )


def _rows(counted: Counter[str], samples: int) -> str:
    return "\n".join(
        f"{count / samples * PERCENT:6.1f} %  {name}" for name, count in counted.most_common(SHOWN)
    )


if __name__ == "__main__":
    sys.exit(main())
