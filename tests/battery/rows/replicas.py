"""CON-5: interleavings of installations, re-batched, repeated, refolded: equal on every replica.

The histories of tests.simulation, with seeds of this run.
"""

from tests.battery.run import Run
from tests.simulation.__main__ import play_many


async def replicas(run: Run) -> None:
    """`size` histories in this process."""
    total, broken = await play_many(run.seed, run.size)
    for seed in broken:
        run.expect(holds=False, otherwise=f"broken: python -m tests.simulation --seed {seed}")
    run.figure("histories", f"{run.size:,} of {total.events:,} events")
    run.recorder.heads({})
