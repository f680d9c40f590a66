"""SUB-10: checkpoints that cannot be gone on from are refused with their reason; a cut or silent
connection moves no place, and nobody goes round in circles."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc.aio

from journey.v1.journey_service_pb2 import WatchRequest
from journey.v1.journey_service_pb2_grpc import JourneyServiceStub
from journey.v1.reading_pb2 import EventFilter, StartPoint
from journey.v1.subscription_service_pb2 import SubscribeRequest
from journey.v1.subscription_service_pb2_grpc import SubscriptionServiceStub
from journey_service.domain.batch import Stamp
from journey_service.domain.tokens import Checkpoint, StateToken, Tokens, hashed, subject_hash
from tests.battery.client import OPTIONS, Batch, Client, end_of
from tests.battery.content import line_added
from tests.battery.final import ALL, read_in_the_end
from tests.battery.follower import until
from tests.battery.run import Run
from tests.battery.subscriber import Subscriber, heads_of, is_level, tokens_of
from tests.faults.proxy import Proxy

SUBJECTS = 24
CUTS = 6
LEVEL_S = 15.0
SUBJECT = "subject-0"


@dataclass(frozen=True, slots=True)
class _Refused:
    """A checkpoint, how it is used, and the reason with which it is refused."""

    name: str
    reason: str
    checkpoint: Callable[["_Place"], str]
    wanted: EventFilter = field(default_factory=lambda: ALL)
    subject_id: str = ""


@dataclass(slots=True)
class _Place:
    """A good checkpoint, and what others are made of."""

    tokens: Tokens
    good: str
    heads: dict[int, int]

    def sealed(self, **changed: Any) -> str:
        known = self.tokens.open_checkpoint(self.good)
        facts = {"epoch": known.epoch, "positions": known.positions, "filter": known.filter}
        return self.tokens.seal_checkpoint(Checkpoint(**{**facts, **changed}))

    def altered(self) -> str:
        middle = len(self.good) // 2
        other = "A" if self.good[middle] != "A" else "B"
        return self.good[:middle] + other + self.good[middle + 1 :]

    def state(self) -> str:
        return self.tokens.seal_state(
            StateToken(
                epoch=self.tokens.open_checkpoint(self.good).epoch,
                session_subject=subject_hash(SUBJECT),
                versions=hashed({SUBJECT: 1}),
                floor=Stamp(0, 0),
                issued_ms=1,
            )
        )


_REFUSED = (
    _Refused("altered", "TOKEN_MISMATCH", _Place.altered),
    _Refused("cut short", "TOKEN_MISMATCH", lambda place: place.good[:-2]),
    _Refused(
        "of another journal",
        "TOKEN_MISMATCH",
        lambda place: Tokens([b"k" * 32], "another").seal_checkpoint(Checkpoint(epoch="1")),
    ),
    _Refused("with another filter", "TOKEN_MISMATCH", lambda place: place.good, EventFilter()),
    _Refused(
        "of the journal for a customer",
        "TOKEN_MISMATCH",
        lambda place: place.good,
        subject_id=SUBJECT,
    ),
    _Refused("of a projection", "TOKEN_MISMATCH", lambda place: place.sealed(generation=1)),
    _Refused("of a state", "TOKEN_MISMATCH", _Place.state),
    _Refused(
        "ahead",
        "CHECKPOINT_AHEAD",
        lambda place: place.sealed(positions=dict.fromkeys(place.heads, 10**9)),
    ),
    _Refused("of a lost epoch", "JOURNAL_REWOUND", lambda place: place.sealed(epoch="99")),
)


async def checkpoints(run: Run) -> None:
    """`size` reconnects with good and bad checkpoints while others write, half of them by a proxy
    that pulls the cable or lets the connection idle."""
    service = run.service()
    await service.start(environment={"JOURNEY_HEARTBEAT_MS": "100"})
    tokens, stopped, writers = await tokens_of(run.access), asyncio.Event(), asyncio.Event()
    async with Proxy(service.port) as proxy, asyncio.TaskGroup() as tasks:
        reader = Subscriber(run, "by-proxy", proxy.address, tokens)
        client = run.client("writer", service.address, run.access.back_end("writer"))
        await client.settle(Batch(SUBJECT, [line_added(run.draw)]))
        tasks.create_task(reader.follow(stopped))
        writing = tasks.create_task(_write(run, client, writers))
        await reader.caught_up.wait()
        stale = ""
        for turn in range(run.size):
            stale = stale or reader.checkpoint
            place = _Place(tokens, reader.checkpoint, await heads_of(run.access))
            refused = _REFUSED[turn % len(_REFUSED)]
            await _is_refused(run, service.address, refused, place)
            if turn % (run.size // CUTS or 1) == 0:
                await _cut(run, proxy, reader)
        writers.set()
        # What is on its way is recorded a moment later, and would move a place.
        await writing
        run.expect(await is_level(run, reader, LEVEL_S), "the reader is not level")
        await _is_idle(run, reader)
        await _from_stale(run, service.address, tokens, stale)
        await _one_reset(run, service.address)
        stopped.set()
    most = 2 * (CUTS + 1) + 1
    run.figure("streams", f"{reader.streams} for {CUTS + 1} cuts, {run.size} refusals")
    run.expect(reader.streams <= most, f"{reader.streams} streams were opened: it goes in circles")
    await read_in_the_end(run.recorder, service.address, run.access)


async def _write(run: Run, client: Client, stopped: asyncio.Event) -> None:
    while not stopped.is_set():
        batch = Batch(f"subject-{run.draw.randrange(SUBJECTS)}", [line_added(run.draw)])
        end = await client.settle(batch)
        run.expect(end.ok, f"a write was refused: {end.code} {end.reason}")
        await asyncio.sleep(0.01)


async def _is_refused(run: Run, address: str, refused: _Refused, place: _Place) -> None:
    """At once, with its reason, and without an event."""
    request = SubscribeRequest(
        start=StartPoint(checkpoint=refused.checkpoint(place)),
        filter=refused.wanted,
        subject_id=refused.subject_id,
        consumer="other",
        purpose="necessary",
    )
    told, events = "nothing", 0
    async with grpc.aio.insecure_channel(address, options=OPTIONS) as channel:
        await channel.channel_ready()
        stub: Any = SubscriptionServiceStub(channel)
        metadata = [("authorization", run.access.back_end())]
        try:
            async for frame in stub.Subscribe(request, metadata=metadata, timeout=5):
                events += len(frame.batch.events)
        except grpc.aio.AioRpcError as error:
            told = end_of(error).reason
    run.recorder.fault(f"checkpoint {refused.name}")
    run.expect(told == refused.reason, f"a checkpoint {refused.name} got {told}")
    run.expect(not events, f"a checkpoint {refused.name} got {events} events")


async def _cut(run: Run, proxy: Proxy, reader: Subscriber) -> None:
    """Pull the cable; the next stream goes on where this one was."""
    streams = reader.streams
    run.recorder.fault("cable pulled", str(proxy.cut()))
    again = await until(lambda: reader.streams > streams, LEVEL_S)
    run.expect(again, "no stream was opened after a cut")


async def _is_idle(run: Run, reader: Subscriber) -> None:
    """Heartbeats come, then the connection that idled is cut: the place stays where it was."""
    before, heartbeats = dict(reader.places), reader.heartbeats
    beats = await until(lambda: reader.heartbeats >= heartbeats + 3, LEVEL_S)
    run.expect(beats, "an idle stream is silent")
    run.recorder.fault("idle")
    run.expect(dict(reader.places) == before, "a place moved while nothing was recorded")


async def _from_stale(run: Run, address: str, tokens: Tokens, stale: str) -> None:
    """An old place is good as long as the journal is: all since then comes."""
    late, stopped = Subscriber(run, "stale", address, tokens), asyncio.Event()
    late.go_on_from(stale)
    following = asyncio.create_task(late.follow(stopped))
    run.expect(await is_level(run, late, LEVEL_S), "a reader with an old place is not level")
    stopped.set()
    await following


async def _one_reset(run: Run, address: str) -> None:
    """A watch with a token that is too old says so and sends the copy anew, on the same stream."""
    async with grpc.aio.insecure_channel(address, options=OPTIONS) as channel:
        await channel.channel_ready()
        stub: Any = JourneyServiceStub(channel)
        metadata = [("authorization", run.access.back_end())]
        first = await _to_level(stub.Watch(WatchRequest(subject_id=SUBJECT), metadata=metadata))
        token = next(frame.token for frame in first if frame.token)
        other = WatchRequest(subject_id=SUBJECT, token=token, kinds=["cart"])
        frames = await _to_level(stub.Watch(other, metadata=metadata))
    told = [frame.WhichOneof("content") for frame in frames]
    run.expect(told[:2] == ["opened", "snapshot"], f"a watch of another filter got {told}")
    run.expect(bool(frames[0].opened.why_not), "a watch of another filter was not told why")


async def _to_level(call: Any) -> list[Any]:
    frames: list[Any] = []
    async with asyncio.timeout(5):
        while not frames or not frames[-1].HasField("caught_up"):
            frames.append(await call.read())
    call.cancel()
    return frames
