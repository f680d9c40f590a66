"""P9: from the command to the first acknowledged event, first time and later; memory when idle.

python -m benchmarks.start --quick
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bare import bare_rpc
from benchmarks.customers import phones, record
from benchmarks.figures import Figure, spread
from benchmarks.processes import accepting, free_address, processor_s, resident_bytes, running
from benchmarks.program import Measurement, Run, main
from benchmarks.rounds import interleaved
from benchmarks.service import command, environment, folder, mint_of
from journey_service.embedded import load_or_create_secrets

# Nobody is connected who would have to be told that the service stops.
SETTINGS = {"drain_notice_ms": "0"}
MIB = 1 << 20
MIN_IDLE_S = 0.1


# What the first event sets off is over by then: it is folded by every projection, and each of their
# connections learns its statements. That is no idling.
SETTLED_S = 1.0


@dataclass(frozen=True, slots=True)
class Size:
    """Seconds that a service does nothing before its memory is looked at."""

    idle_s: float


SIZES = {"full": Size(30), "quick": Size(2), "tiny": Size(0.1)}


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds to the first acknowledged event; when idle, memory in bytes and the part of a
    processor that the service's process uses.
    """

    took_s: float
    resident: int = 0
    idle_part: float = 0.0


async def measure(run: Run) -> list[Figure]:
    """Seconds to the first acknowledged event, and megabytes."""
    size = SIZES[run.mode]
    run.settings |= {"idle before memory is read": f"{size.idle_s:g} s"} | SETTINGS
    with folder() as place:
        latest = place / "none"

        async def first() -> Started:
            nonlocal latest
            latest = Path(tempfile.mkdtemp(dir=place))
            latest.chmod(0o711)
            return await _first_event(latest, idle_s=0)

        async def later() -> Started:
            return await _first_event(latest, idle_s=size.idle_s)

        async def bare() -> Started:
            began = time.perf_counter()
            async with bare_rpc(place, {}):
                return Started(time.perf_counter() - began)

        sides = {"first": first, "later": later, "bare": bare}
        taken = await interleaved(sides, run.rounds, run.tell)
    return figures(taken)


async def _first_event(place: Path, *, idle_s: float) -> Started:
    """Start the service, open a session and record as soon as it answers, then leave it alone."""
    address, log = free_address(), place / "journey.log"
    variables = environment(address, place / "data", SETTINGS)
    began = time.perf_counter()
    async with running(command("up"), variables, log) as program:
        await accepting(address, program, log)
        secrets = load_or_create_secrets(place / "data" / "secrets")
        await record(address, await phones(address, mint_of(secrets), 1), 1)
        took_s = time.perf_counter() - began
        if idle_s:
            await asyncio.sleep(min(SETTLED_S, idle_s))
        before = processor_s(program.pid)
        await asyncio.sleep(idle_s)
        used = processor_s(program.pid) - before
        return Started(took_s, resident_bytes(program.pid), used / max(idle_s, MIN_IDLE_S))


def figures(taken: Mapping[str, Sequence[Started]]) -> list[Figure]:
    """P9's three."""
    bare = spread([one.took_s for one in taken["bare"]]).median
    return [
        _seconds("first time", taken["first"], bare, at_most=2.5),
        _seconds("later", taken["later"], bare, at_most=1),
        _size("memory of the service, idle", [one.resident / MIB for one in taken["later"]]),
        _part("processor of the service, idle", [one.idle_part for one in taken["later"]]),
    ]


def _seconds(what: str, taken: Sequence[Started], bare: float, *, at_most: float) -> Figure:
    value = spread([one.took_s for one in taken])
    return Figure(
        id="P9",
        what=f"from the command to the first acknowledged event, {what}",
        value=value,
        value_unit="s",
        ours=value.median,
        theirs=bare,
        peer="until bare RPC takes a connection",
        unit="s",
        at_most=at_most,
    )


def _part(what: str, values: Sequence[float]) -> Figure:
    value = spread([100 * value for value in values])
    return Figure(id="", what=what, value=value, value_unit="%", ours=value.median, unit="%")


def _size(what: str, values: Sequence[float]) -> Figure:
    value = spread(values)
    return Figure(
        id="P9",
        what=what,
        value=value,
        value_unit="MiB",
        ours=value.median,
        unit="MiB",
        at_most=120,
    )


MEASUREMENT = Measurement(
    "start", "How long from the command to the first event that is safe, and at what size?", measure
)

if __name__ == "__main__":
    sys.exit(main(MEASUREMENT))
