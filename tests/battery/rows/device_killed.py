"""SYN-2: a device of the client library is killed at every step of what it does with an act."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from journey_client._store import Store
from tests.battery.final import read_in_the_end, read_stream
from tests.battery.run import Run
from tests.battery.service import Service
from tests.client.killed import POINTS

_ROOT = Path(__file__).parents[3]
AT_ONCE = 2
# So many kills of one store, before it is let alone and must come to rest.
OF_ONE = 5
ACTS, TOGETHER = 6, 2
LIFE_S = 60.0
# Frames may come together: then a point is passed once, and not as often as was asked.
_TRIES = 3
_SEQUENCES = """
    SELECT installation_id, count(*) AS events, min(seq) AS first, max(seq) AS last
    FROM events WHERE originator_id = $1 AND installation_id <> '' GROUP BY installation_id
"""


@dataclass(slots=True)
class Phone:
    """A customer's only device. `said` are the ids of the acts that it said it had accepted."""

    account: str
    subject: str
    store: Path
    kills: Sequence[tuple[str, int]]
    said: list[str] = field(default_factory=list)
    lives: int = 0
    died: int = 0


async def device_killed(run: Run) -> None:
    """`size` kills, every point equally often, two devices at a time."""
    service = run.service()
    await service.start()
    phones = _phones(run)
    free = asyncio.Semaphore(AT_ONCE)

    async def live(phone: Phone) -> None:
        async with free:
            if not run.is_over:
                await _live(run, service, phone)

    async with asyncio.TaskGroup() as tasks:
        for phone in phones:
            tasks.create_task(live(phone))
    for phone in phones:
        await _look_at(run, service, phone)
    accepted = sum(len(phone.said) for phone in phones)
    run.figure("accepted", f"{accepted:,} acts in {sum(phone.lives for phone in phones):,} lives")
    await read_in_the_end(run.recorder, service.address, run.access)


def _phones(run: Run) -> list[Phone]:
    points = [list(POINTS)[number % len(POINTS)] for number in range(run.size)]
    run.draw.shuffle(points)
    kills = [(point, run.draw.randint(1, 3)) for point in points]
    folder = run.folder / "devices"
    folder.mkdir()
    return [
        Phone(
            account=f"customer-{start // OF_ONE}",
            subject=run.access.subject_of(f"customer-{start // OF_ONE}"),
            store=folder / f"{start // OF_ONE}.db",
            kills=kills[start : start + OF_ONE],
        )
        for start in range(0, len(kills), OF_ONE)
    ]


async def _live(run: Run, service: Service, phone: Phone) -> None:
    """Killed and started again, and then left alone until nothing waits any more."""
    for point, nth in phone.kills:
        for passes in (nth, *[1] * (_TRIES - 1)):
            if await _life(run, service, phone, point, passes):
                run.recorder.fault(point, phone.account)
                phone.died += 1
                break
        else:
            run.expect(holds=False, otherwise=f"{phone.account} never passed {point}")
    await _life(run, service, phone, "", 0)


async def _life(run: Run, service: Service, phone: Phone, point: str, nth: int) -> bool:
    """One process; whether it was killed. What it said before is accepted."""
    phone.lives += 1
    token = run.access.device(phone.account).removeprefix("Bearer ")
    name = f"{phone.account}-life-{phone.lives}"
    words = [str(run.history), name, phone.subject, service.address, token, str(phone.store)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.battery.dying", *words),
        *(point, str(nth), str(ACTS), str(TOGETHER)),
        cwd=_ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LIFE_S):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        out, err = await process.communicate()
        run.expect(holds=False, otherwise=f"{name} did not come to rest: {err.decode()[-500:]}")
        return False
    phone.said += out.decode().split()
    killed = bool(point) and process.returncode == -signal.SIGKILL
    run.expect(killed or not process.returncode, f"{name} ended: {err.decode()[-500:]}")
    return killed


async def _look_at(run: Run, service: Service, phone: Phone) -> None:
    """What it accepted is there once, in one sequence without a hole, and its store is empty."""
    stored = await read_stream(service.address, run.access, phone.subject)
    wrong = {event_id: stored.count(event_id) for event_id in phone.said}
    wrong = {event_id: count for event_id, count in wrong.items() if count != 1}
    run.expect(not wrong, f"{phone.account}: accepted, and recorded so often: {wrong}")
    sequences = await _sequences(run, phone)
    dense = [row["first"] == 1 and row["last"] == row["events"] for row in sequences]
    run.expect(dense == [True], f"{phone.account}: sequences {list(map(dict, sequences))}")
    # Of what was stored when the process died nobody was told: one act for each death at most.
    untold = sum(row["events"] for row in sequences) - len(phone.said)
    run.expect(0 <= untold <= phone.died, f"{phone.account}: {untold} acts of nobody")
    left = _left_in(phone.store)
    run.expect(not left, f"{phone.account}: {left} still wait on the device")


async def _sequences(run: Run, phone: Phone) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(run.access.dsn())
    try:
        return await connection.fetch(_SEQUENCES, phone.subject)
    finally:
        await connection.close()


def _left_in(path: Path) -> list[str]:
    """The ids of what waits in the store of a device that is at rest."""
    store = Store.open(path)
    try:
        return [item.event_id for item in store.load("").items if item.waiting]
    finally:
        store.close()
