"""SUB-2: watches and subscriptions join anywhere while others write: what was, then what comes."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import asyncpg
import grpc.aio

from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import WatchRequest
from journey.v1.journey_service_pb2_grpc import JourneyServiceStub
from journey_service.domain.batch import Stamp
from journey_service.domain.tokens import Checkpoint, StateToken, Tokens, hashed, subject_hash
from tests.battery.client import OPTIONS, Batch, end_of
from tests.battery.content import new_id
from tests.battery.final import read_in_the_end
from tests.battery.follower import until
from tests.battery.run import Run
from tests.battery.subscriber import Subscriber, tokens_of
from tests.guarantees.devices import Copy, added

SUBJECT = "watched"
AT_ONCE = 8
FRAMES = 12
LIVE = 3
FAR_AHEAD = 10**6
# So many watches join for each subscription.
WATCHES_EACH = 4


async def joins(run: Run) -> None:
    """One customer whose every event is one more of one thing: a token tells what must be shown."""
    one, two = run.service("one"), run.service("two")
    await one.start()
    await two.start()
    stopped = asyncio.Event()
    writers = [_write(run, each.address, f"writer-{each.name}", stopped) for each in (one, two)]
    first = run.client("first", one.address, run.access.back_end("first"))
    await first.settle(Batch(SUBJECT, [_one_more(run)]))
    async with run.load(writers):
        places = await _places(run)
        joined = await _subscribed(run, one.address)
        turns = iter(range(run.size))
        addresses = (one.address, two.address)
        joining = [
            asyncio.create_task(_join(run, addresses, places, turns, joined))
            for _ in range(AT_ONCE)
        ]
        try:
            await asyncio.gather(*joining)
        finally:
            stopped.set()
    await read_in_the_end(run.recorder, one.address, run.access)


async def _write(run: Run, address: str, name: str, stopped: asyncio.Event) -> None:
    client = run.client(name, address, run.access.back_end(name))
    while not stopped.is_set():
        made = [_one_more(run) for _ in range(run.draw.randint(1, 3))]
        end = await client.settle(Batch(SUBJECT, made))
        run.expect(end.ok, f"a write was refused: {end.code} {end.reason}")


def _one_more(run: Run) -> Interaction:
    interaction = added()
    interaction.event_id = new_id(run.draw)
    interaction.wall_ms = time.time_ns() // 1_000_000
    return interaction


class _Places:
    """Tokens of any version, sealed as the service seals them."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.head = 1

    def token(self, version: int) -> str:
        now_ms = time.time_ns() // 1_000_000
        return self.tokens.seal_state(
            StateToken(
                epoch=self.epoch,
                session_subject=subject_hash(SUBJECT),
                versions=hashed({SUBJECT: version}),
                floor=Stamp(0, 0),
                issued_ms=now_ms,
                generation=self.generation,
            )
        )

    def learn(self, token: str) -> int:
        """The version in a token of the service."""
        opened = self.tokens.open_state(token)
        self.epoch, self.generation = opened.epoch, opened.generation
        version = opened.versions[subject_hash(SUBJECT)]
        self.head = max(self.head, version)
        return version


async def _places(run: Run) -> _Places:
    connection = await asyncpg.connect(run.access.dsn())
    try:
        journal_id = await connection.fetchval("SELECT journal_id FROM journal")
    finally:
        await connection.close()
    return _Places(Tokens([run.access.secrets.signing_key], journal_id))


async def _join(
    run: Run, addresses: tuple[str, str], places: _Places, turns: Any, joined: Checkpoint
) -> None:
    for turn in turns:
        head = places.head
        at = {0: 0, 1: head - 1, 2: head, 3: head + 1, 4: FAR_AHEAD}[turn % 5]
        if turn % WATCHES_EACH == 0:
            await _subscribe(run, addresses[turn % 2], places, at, joined, f"joined-{turn}")
        token = places.token(at) if turn >= AT_ONCE and at else ""
        # A token that is ahead of what others were told may be reached meanwhile.
        ahead = bool(token) and at == FAR_AHEAD
        copy = Copy(token=token)
        async with grpc.aio.insecure_channel(addresses[turn % 2], options=OPTIONS) as channel:
            stub: Any = JourneyServiceStub(channel)
            metadata = [("authorization", run.access.back_end())]
            request = WatchRequest(subject_id=SUBJECT, token=token)
            call = stub.Watch(request, metadata=metadata, wait_for_ready=True)
            await _look(run, call, copy, places, ahead=ahead)
            call.cancel()


async def _subscribed(run: Run, address: str) -> Checkpoint:
    """A checkpoint of the service, of which others are made."""
    tokens = await tokens_of(run.access)
    subscriber, stopped = Subscriber(run, "first", address, tokens), asyncio.Event()
    reading = asyncio.create_task(subscriber.stream(stopped))
    async with asyncio.timeout(20):
        await subscriber.caught_up.wait()
    stopped.set()
    await reading
    return tokens.open_checkpoint(subscriber.checkpoint)


async def _subscribe(
    run: Run, address: str, places: _Places, at: int, joined: Checkpoint, name: str
) -> None:
    """Up to what comes then; that it is whole the checker tells (H11, H13)."""
    # Nobody else writes, so that the versions of the stream are the positions, too.
    partition = max(joined.positions, key=lambda each: joined.positions[each])
    subscriber = Subscriber(run, name, address, places.tokens)
    if at:
        there = replace(joined, positions={**joined.positions, partition: at})
        subscriber.go_on_from(places.tokens.seal_checkpoint(there))
    head, stopped = places.head, asyncio.Event()
    reading = asyncio.create_task(subscriber.stream(stopped))
    live = await until(
        lambda: (
            reading.done()
            or (subscriber.caught_up.is_set() and subscriber.places[partition] >= head + LIVE)
        ),
        20,
    )
    stopped.set()
    await asyncio.wait([reading])
    error = reading.exception()
    if isinstance(error, grpc.aio.AioRpcError):
        refused = end_of(error).reason == "CHECKPOINT_AHEAD" and at > head
        run.expect(refused, f"{name} behind {at} of {head}: {error.details()}")
    else:
        # What is one ahead of what others were told may be reached meanwhile.
        run.expect(live and at != FAR_AHEAD, f"{name} behind {at} of {head} is not level: {error}")


async def _look(run: Run, call: Any, copy: Copy, places: _Places, *, ahead: bool) -> None:
    """Every frame with a token shows exactly what the token contains."""
    last, live = 0, 0
    for _ in range(FRAMES):
        async with asyncio.timeout(20):
            frame = await call.read()
        copy.apply(frame)
        live += frame.HasField("delta") and "caught_up" in copy.contents
        if not frame.token:
            continue
        version, shown = places.learn(frame.token), copy.cart().get("tea")
        # A copy that is resumed holds nothing yet of what it was given before.
        if shown is not None:
            run.expect(shown == version, f"{shown} shown at version {version}")
        run.expect(version >= last, f"version {version} after {last}")
        last = version
        if live == LIVE:
            break
    run.expect("caught_up" in copy.contents, f"never caught up: {copy.contents}")
    if ahead:
        run.expect("reset" in copy.contents, f"far ahead was taken: {copy.contents}")
    run.expect(copy.contents.count("caught_up") == 1, "caught up twice")
