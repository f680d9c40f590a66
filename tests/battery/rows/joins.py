"""SUB-2: watches that join anywhere while others write: from what was to what comes, whole."""

import asyncio
import time
from typing import Any

import asyncpg
import grpc.aio

from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import WatchRequest
from journey.v1.journey_service_pb2_grpc import JourneyServiceStub
from journey_service.domain.batch import Stamp
from journey_service.domain.tokens import StateToken, Tokens, hashed, subject_hash
from tests.battery.client import OPTIONS, Batch
from tests.battery.content import new_id
from tests.battery.final import read_in_the_end
from tests.battery.run import Run
from tests.guarantees.devices import Copy, added

SUBJECT = "watched"
AT_ONCE = 8
FRAMES = 12
LIVE = 3


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
        turns = iter(range(run.size))
        addresses = (one.address, two.address)
        joining = [
            asyncio.create_task(_join(run, addresses, places, turns)) for _ in range(AT_ONCE)
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


async def _join(run: Run, addresses: tuple[str, str], places: _Places, turns: Any) -> None:
    for turn in turns:
        at = {0: 0, 1: places.head - 1, 2: places.head, 3: places.head + 1, 4: 10**6}[turn % 5]
        token = places.token(at) if turn >= AT_ONCE and at else ""
        # A token that is ahead of what others were told may be reached meanwhile.
        ahead = bool(token) and at == 10**6
        copy = Copy(token=token)
        async with grpc.aio.insecure_channel(addresses[turn % 2], options=OPTIONS) as channel:
            stub: Any = JourneyServiceStub(channel)
            metadata = [("authorization", run.access.back_end())]
            request = WatchRequest(subject_id=SUBJECT, token=token)
            call = stub.Watch(request, metadata=metadata)
            await _look(run, call, copy, places, ahead=ahead)
            call.cancel()


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
