import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.client.conftest import Connect
from tests.client.killed import POINTS
from tests.faults.processes import unmeasured
from tests.transport.serving import Served

ROOT = Path(__file__).parents[2]
ACTS = 4


async def run(served: Served, store: Path, *, point: str, nth: int, acts: int) -> Sequence[str]:
    """Let the device live until it is killed or done; returns the ids that it said it kept."""
    address = f"127.0.0.1:{served.server.port}"
    words = [address, served.mint.token("device", "mila"), str(store), point, str(nth), str(acts)]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.client.killed",
        *words,
        cwd=ROOT,
        env=unmeasured(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert process.returncode == (-signal.SIGKILL if point in POINTS else 0), err.decode()
    return out.decode().split()


@pytest.mark.parametrize("point", POINTS)
async def test_hard_case_38_a_client_killed_between_any_two_steps_loses_and_doubles_nothing(
    point: str, served: Served, connect: Connect, tmp_path: Path
) -> None:
    store = tmp_path / "phone.db"
    said = [*await run(served, store, point=point, nth=1, acts=ACTS)]
    said += await run(served, store, point=point, nth=2, acts=ACTS)
    said += await run(served, store, point="", nth=0, acts=ACTS)
    async with connect("laptop") as laptop:
        session = await laptop.open_session()
        events = [e async for e in session.events() if e.type == "cart.line_added"]
        cart = await session.journey("cart")
    recorded = [event.interaction.event_id for event in events]
    assert len(set(recorded)) == len(recorded)
    assert set(said) <= set(recorded)
    # What was stored when the process died was not said, at most once for each kill.
    assert len(recorded) <= len(said) + 2
    assert [line.quantity for line in cart.cart.lines] == [len(recorded)]
    by_seq = sorted(events, key=lambda event: event.interaction.seq)
    assert [event.interaction.seq for event in by_seq] == list(range(1, len(recorded) + 1))
    assert len({event.occurrence.installation_id for event in events}) == 1
