"""DUR-1: the service is killed at the worst moments of an append, under load."""

from tests.battery.final import Follower, read_in_the_end
from tests.battery.measures import Outages
from tests.battery.run import Run
from tests.battery.writers import Writing

MID_STREAM = "mid-stream"
MOMENTS = (
    MID_STREAM,
    "append:before-begin",
    "append:after-copy",
    "append:after-commit",
    "append:before-answer",
)


async def service_killed(run: Run) -> None:
    """Kill, start again, and see that the next process serves; writers never rest."""
    service = run.service()
    await service.start()
    writing = Writing(run, service.address)
    outages = Outages(run, service.address)
    follower = Follower(run.recorder, service.address, run.access, "follower")
    beside = [follower.follow(writing.stopped), outages.probe(writing.stopped)]
    async with run.load([*eight(writing), *beside]):
        await writing.more(16)
        for number, moment in enumerate(_moments(run)):
            if number:
                await service.start(failpoints=_failpoint(run, moment), wait=False)
            if moment == MID_STREAM:
                await writing.more(run.draw.randint(4, 40))
                await service.kill()
            else:
                await service.gone(within_s=30)
            run.recorder.fault(moment, "service")
            outages.strike()
            if run.is_over:
                break
        await service.start(wait=False)
        await outages.over()
        await writing.more(16)
        writing.stop()
    outages.tell("serving again after a kill", at_most_s=2.0)
    await read_in_the_end(run.recorder, service.address, run.access)


def eight(writing: Writing) -> list:  # type: ignore[type-arg]  # coroutines of several shapes
    """Devices, back ends, a careful one and gateways: eight writers."""
    shared = ["shared-1", "shared-2", "shared-3"]
    return [
        writing.device("device-1", "ada"),
        writing.device("device-2", "ada"),
        writing.device("device-3", "grace"),
        writing.back_end("back-end-1", shared),
        writing.back_end("back-end-2", shared),
        writing.careful("careful-1", "shared-1"),
        writing.streaming("stream-1", "shared-2"),
        writing.streaming("stream-2", "streamed"),
    ]


def _moments(run: Run) -> list[str]:
    """Every moment equally often, in an order of chance; the first needs no restart before it."""
    moments = [MOMENTS[number % len(MOMENTS)] for number in range(run.size)]
    run.draw.shuffle(moments)
    moments.remove(MID_STREAM)
    return [MID_STREAM, *moments]


def _failpoint(run: Run, moment: str) -> str:
    return "" if moment == MID_STREAM else f"{moment}=kill@{run.draw.randint(3, 20)}"
