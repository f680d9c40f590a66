"""Customers of a measurement: who they are, what their devices send, whether it was recorded.

Requests look like those of an app in use: a film that goes on, lines of a cart, things on a list.
"""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import grpc
from google.protobuf.message import Message

from benchmarks.load import Metadata, Unary, method
from journey.v1.clocks_pb2 import ClientClock
from journey.v1.events_pb2 import OUTCOME_ACCEPTED
from journey.v1.interactions_pb2 import (
    Channel,
    Interaction,
    MediaPlayed,
    MediaProgressed,
    RunOpener,
)
from journey.v1.journey_service_pb2 import RecordRequest, RecordResponse
from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import OpenSessionRequest, OpenSessionResponse
from journey.v1.sessions_pb2 import Device
from journey_client import ids
from journey_client.interactions import cart_line_added, list_item_added
from journey_service.transport.mint import Mint

OPEN_SESSION = "/journey.v1.SessionService/OpenSession"
RECORD = "/journey.v1.JourneyService/Record"
AT_ONCE = 16
SETUP_TIMEOUT_S = 30.0
AGAIN_S = 0.1
PASSING = (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE)
FILM = JourneyRef(kind="media", journey_id="film-1")
SKUS = 20
PROGRESS_MS = 15_000
FILM_MS = 5_400_000


@dataclass(slots=True)
class Phone:
    """A device of one customer, with the sequence of what it sends."""

    metadata: Metadata
    installation_id: str = field(default_factory=ids.installation_id)
    boot_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    run_id: str = field(default_factory=lambda: ids.run_id(FILM.kind, FILM.journey_id))
    session_id: str = ""
    sent: int = 0

    def record_request(self, interactions: int = 1) -> RecordRequest:
        """The next batch, stamped now."""
        first = self.sent + 1
        self.sent += interactions
        return RecordRequest(
            batch_no=first,
            session_id=self.session_id,
            interactions=[self._stamped(seq) for seq in range(first, first + interactions)],
            clock=clock(self.boot_id),
        )

    def opening(self) -> OpenSessionRequest:
        """The call that opens its session."""
        return OpenSessionRequest(
            installation_id=self.installation_id,
            device=Device(device_id=self.installation_id, name="Phone", platform="android"),
            channel=Channel.CHANNEL_MOBILE_APP,
            protocol=1,
            clock=clock(self.boot_id),
            command_id=str(uuid.uuid4()),
        )

    def _stamped(self, seq: int) -> Interaction:
        made = interaction(seq, self.run_id)
        now = clock(self.boot_id)
        made.event_id = ids.event_id()
        made.seq = seq
        made.wall_ms, made.mono_ms, made.boot_id = now.sent_wall_ms, now.sent_mono_ms, now.boot_id
        return made


def clock(boot_id: str) -> ClientClock:
    """The clocks of this machine, now."""
    return ClientClock(
        sent_wall_ms=time.time_ns() // 1_000_000,
        sent_mono_ms=time.monotonic_ns() // 1_000_000,
        boot_id=boot_id,
    )


def interaction(number: int, run_id: str) -> Interaction:
    """The number-th thing a customer does, without ids and clocks: film, film, cart, list."""
    sku = f"sku-{number % SKUS}"
    match number % 4:
        case 0:
            return Interaction(journey=FILM, media_played=_played(run_id))
        case 1:
            return Interaction(journey=FILM, media_progressed=_progressed(run_id, number))
        case 2:
            return cart_line_added(sku, name="Coat, blue, size 40")
        case _:
            return list_item_added("wish", sku, name="Coat, blue, size 40")


def _played(run_id: str) -> MediaPlayed:
    return MediaPlayed(
        run_id=run_id,
        opened_by=RunOpener.RUN_OPENER_PLAY,
        speed=1_000,
        duration_ms=FILM_MS,
        cause=MediaPlayed.CAUSE_START,
    )


def _progressed(run_id: str, number: int) -> MediaProgressed:
    return MediaProgressed(
        run_id=run_id,
        opened_by=RunOpener.RUN_OPENER_PLAY,
        point_ms=number * PROGRESS_MS % FILM_MS,
        speed=1_000,
    )


def bearer(token: str) -> Metadata:
    """The metadata that carries a token."""
    return (("authorization", f"Bearer {token}"),)


async def phones(address: str, mint: Mint, count: int) -> list[Phone]:
    """As many customers, each signed in on one device with an open session."""
    made = [Phone(bearer(mint.token("device", f"{uuid.uuid4()}"))) for _ in range(count)]
    async with grpc.aio.insecure_channel(address) as channel:
        for some in _in_groups(made, AT_ONCE):
            await asyncio.gather(*(_open(channel, phone) for phone in some))
    return made


async def pairs(address: str, mint: Mint, count: int) -> list[tuple[Phone, Phone]]:
    """As many customers, each with two devices that have open sessions."""
    tokens = [f"{uuid.uuid4()}" for _ in range(count)]
    made = [tuple(Phone(bearer(mint.token("device", who))) for _ in range(2)) for who in tokens]
    async with grpc.aio.insecure_channel(address) as channel:
        for some in _in_groups([phone for pair in made for phone in pair], AT_ONCE):
            await asyncio.gather(*(_open(channel, phone) for phone in some))
    return [(acting, watching) for acting, watching in made]


async def record(address: str, phones: Iterable[Phone], interactions: int) -> list[RecordResponse]:
    """Each phone records one batch; raises if anything was not accepted."""
    async with grpc.aio.insecure_channel(address) as channel:
        call = method(channel, RECORD)
        answers: list[bytes] = []
        for some in _in_groups(list(phones), AT_ONCE):
            answers += await asyncio.gather(
                *(_patiently(call, phone.record_request(interactions), phone) for phone in some)
            )
    return recorded(answers)


def recorded(answers: Iterable[bytes]) -> list[RecordResponse]:
    """The answers, read; raises if one of them does not say that all was recorded for the first
    time: a measurement of refusals would be fast and worthless.
    """
    read = [RecordResponse.FromString(answer) for answer in answers]
    for answer in read:
        check(answer)
    return read


def check(answer: RecordResponse) -> None:
    """Raise unless all interactions of the batch were accepted, and for the first time."""
    good = answer.results and all(
        result.outcome == OUTCOME_ACCEPTED and not result.duplicate for result in answer.results
    )
    if not good:
        raise RuntimeError(f"not recorded: {answer}")


async def _open(channel: grpc.aio.Channel, phone: Phone) -> None:
    call = method(channel, OPEN_SESSION)
    answer = await _patiently(call, phone.opening(), phone)
    phone.session_id = OpenSessionResponse.FromString(answer).session.session_id


async def _patiently(call: Unary, request: Message, phone: Phone) -> bytes:
    """The answer to a call of the preparations; one that the service has no room for is repeated,
    as every client does. Nothing of this is timed.
    """
    limit = time.monotonic() + SETUP_TIMEOUT_S
    while True:
        try:
            return await call(
                request.SerializeToString(), metadata=phone.metadata, timeout=SETUP_TIMEOUT_S
            )
        except grpc.aio.AioRpcError as error:
            if error.code() not in PASSING or time.monotonic() > limit:
                raise
        await asyncio.sleep(AGAIN_S)


def _in_groups(items: Sequence[Phone], size: int) -> Iterator[Sequence[Phone]]:
    waiting = iter(items)
    while group := list(itertools.islice(waiting, size)):
        yield group
