"""SUB-3: consumers are killed with deliveries in hand, while events come in."""

import time
from collections import defaultdict

from tests.battery.consumers import Process, at_rest, connect, make_group, observed
from tests.battery.final import read_in_the_end
from tests.battery.run import Run
from tests.battery.writers import Writing
from tests.history.history import load

GROUP = "billing"
AT_ONCE, TOGETHER = 4, 2
CREDITS = 20
HOLD_MS = 20
# Deliveries that a consumer gets before it is killed.
BETWEEN = 2
# A killed consumer's deliveries come again within this.
AGAIN_S = 2.0


async def consumers_killed(run: Run) -> None:
    """`size` kills, two of four consumers together; others take their places."""
    service = run.service()
    await service.start()
    writing = Writing(run, service.address)
    subjects = [f"subject-{number}" for number in range(30)]
    kills: list[tuple[int, str]] = []
    async with connect(service.address, run.access) as client:
        await make_group(run.recorder, client, GROUP)
        consumers = [_start(run, service.address, f"worker-{n}") for n in range(AT_ONCE)]
        try:
            back_ends = [writing.trickling(f"back-end-{n}", subjects) for n in range(2)]
            async with observed(run.recorder, run.access, GROUP), run.load(back_ends):
                for number in range(0, run.size, TOGETHER):
                    for place in range(TOGETHER):
                        await consumers[place].takes(BETWEEN)
                    kills += [_kill(run, consumer) for consumer in consumers[:TOGETHER]]
                    del consumers[:TOGETHER]
                    names = [f"worker-{AT_ONCE + number + n}" for n in range(TOGETHER)]
                    consumers += [_start(run, service.address, name) for name in names]
                    if run.is_over:
                        break
                writing.stop()
            await at_rest(run.recorder, run.access, client, GROUP)
        finally:
            for consumer in consumers:
                consumer.kill()
    _look_at_repeats(run, kills)
    await read_in_the_end(run.recorder, service.address, run.access)


def _kill(run: Run, consumer: Process) -> tuple[int, str]:
    """When, and who."""
    killed_at = time.monotonic_ns()
    consumer.kill()
    run.recorder.fault("killed", consumer.name)
    return killed_at, consumer.name


def _start(run: Run, address: str, name: str) -> Process:
    token = run.access.back_end().removeprefix("Bearer ")
    return Process(run.history, address, token, GROUP, name, hold_ms=HOLD_MS)


def _look_at_repeats(run: Run, kills: list[tuple[int, str]]) -> None:
    """Only what was in flight comes again, and soon."""
    group = load(run.history).groups[GROUP]
    given = sorted(group.given, key=lambda one: one.t)
    by_event = defaultdict(list)
    for one in given:
        by_event[one.at].append(one)
    slowest = 0.0
    for killed_at, name in kills:
        waits = []
        for several in by_event.values():
            mine = [one for one in several if one.consumer == name]
            if not mine or group.answers.get(mine[-1].delivery_id) is not None:
                continue
            again = [one for one in several if one.t > killed_at and one.consumer != name]
            if again:
                waits.append((again[0].t - killed_at) / 1e9)
        run.expect(len(waits) <= CREDITS, f"{len(waits)} events of {name} came again")
        slowest = max([slowest, *waits])
    run.figure("came again within", f"{slowest:.2f} s")
    repeats = sum(len(several) - 1 for several in by_event.values())
    run.figure("repeats", f"{repeats} of {len(given):,}")
    run.expect(
        slowest <= AGAIN_S or run.mode == "ci", f"a delivery came again after {slowest:.2f} s"
    )
