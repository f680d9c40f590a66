"""Play histories: `python -m tests.simulation --seed N | --count N | --long`.

Status 1: one was broken.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
import traceback

from tests.simulation.history import STEPS, Played, play
from tests.simulation.world import in_memory

CI_COUNT = 2_000
LONG_COUNT = 200_000
# More broken ones say nothing new.
ENOUGH = 5


async def play_many(first: int, count: int) -> tuple[Played, list[int]]:
    """Histories of these seeds; what they were about, and the seeds of the broken ones."""
    total, broken = Played(), []
    for seed in range(first, first + count):
        try:
            played = await play(seed, in_memory)
        except Exception as error:  # noqa: BLE001  whatever ends a history early
            print(f"seed {seed}: {type(error).__name__}: {error}", flush=True)
            broken.append(seed)
            if len(broken) == ENOUGH:
                break
            continue
        total.events += played.events
        total.told += played.told
    return total, broken


async def shortest(seed: int) -> int:
    """The fewest steps with which the history of a seed is broken."""
    for steps in range(1, STEPS):
        try:
            await play(seed, in_memory, steps=steps)
        except Exception:  # noqa: BLE001  that is what is looked for
            return steps
    return STEPS


async def replay(seed: int) -> int:
    """Play one history as short as it can be and still be broken, and tell why."""
    steps = await shortest(seed)
    try:
        played = await play(seed, in_memory, steps=steps)
    except Exception:  # noqa: BLE001  it is told
        print(f"seed {seed} is broken after {steps} of {STEPS} steps")
        traceback.print_exc()
        return 1
    print(f"seed {seed} holds: {played.events} events, {dict(played.told)}")
    return 0


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="one history")
    parser.add_argument("--first", type=int, help="seed to begin at; drawn if not given")
    parser.add_argument("--count", type=int, default=CI_COUNT)
    parser.add_argument("--long", action="store_true", help=f"{LONG_COUNT:,} histories")
    asked = parser.parse_args()
    if asked.seed is not None:
        return asyncio.run(replay(asked.seed))
    first = random.SystemRandom().randrange(2**40) if asked.first is None else asked.first
    count = LONG_COUNT if asked.long else asked.count
    began = time.process_time()
    total, broken = asyncio.run(play_many(first, count))
    seconds = time.process_time() - began
    print(
        f"{count:,} histories from seed {first}, {total.events:,} events, {dict(total.told)}, "
        f"{len(broken)} broken, {seconds:.0f} s of CPU"
    )
    if broken:
        print(f"replay: python -m tests.simulation --seed {broken[0]}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
