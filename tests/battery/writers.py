"""Writers: clients that record one batch after the other until they are told to stop.

Told to stop, a writer settles what it has begun; so whatever was sent once is known in the end.
"""

import asyncio
import uuid
from collections.abc import Sequence

import grpc
import grpc.aio

from journey.v1.interactions_pb2 import CHANNEL_MOBILE_APP, Interaction
from journey.v1.journey_service_pb2 import Drain, RecordStreamRequest
from journey.v1.session_service_pb2 import OpenSessionRequest
from journey.v1.session_service_pb2_grpc import SessionServiceStub
from journey.v1.sessions_pb2 import Device
from tests.battery.client import Batch, Client, End, clock_now, end_of, info_in, refusal_of
from tests.battery.content import line_added, order_paid
from tests.battery.run import Run

_IN_FLIGHT = 3  # batches of one pair on a stream; four are allowed


class Writing:
    """The writers of a run, when they are to stop, and what they have done."""

    def __init__(self, run: Run, address: str) -> None:
        self.run = run
        self.address = address
        self.stopped = asyncio.Event()
        self.recorded = 0
        self._waiting: list[asyncio.Future[None]] = []

    def stop(self) -> None:
        """Let every writer finish what it has begun, and end."""
        self.stopped.set()

    async def more(self, batches: int, within_s: float = 30.0) -> None:
        """Wait until so many more batches are recorded. `TimeoutError`: they were not."""
        due = self.recorded + batches
        async with asyncio.timeout(within_s):
            while self.recorded < due:
                waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiting.append(waiter)
                await waiter

    def settled(self, end: End, what: str) -> None:
        """Count a batch that was recorded; a refusal here is a broken promise."""
        self.run.expect(end.ok, f"{what} was refused: {end.code} {end.reason} {dict(end.metadata)}")
        self.recorded += end.ok
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    # --- one kind of writer each -----------------------------------------------------------------

    async def device(self, name: str, account: str) -> None:
        """An installation in a session of its own: 1 to 4 interactions a batch, numbered."""
        run, access = self.run, self.run.access
        client = run.client(name, self.address, access.device(account))
        subject, installation = (
            access.subject_of(account),
            str(uuid.UUID(int=run.draw.getrandbits(128), version=4)),
        )
        session_id = await open_session(run, client, subject, installation)
        seq = 1
        while not self.stopped.is_set():
            interactions = self._numbered(seq, run.draw.randint(1, 4))
            seq += len(interactions)
            batch = Batch(subject, interactions, installation, session_id)
            self.settled(await client.settle(batch), name)

    async def back_end(self, name: str, subjects: Sequence[str]) -> None:
        """A service without numbers: now one stream, now another, now and then a machine step."""
        run = self.run
        client = run.client(name, self.address, run.access.back_end(name))
        while not self.stopped.is_set():
            made = [line_added(run.draw) for _ in range(run.draw.randint(1, 4))]
            if run.draw.random() < 0.3:
                made[0] = order_paid(run.draw)
            batch = Batch(run.draw.choice(subjects), made)
            self.settled(await client.settle(batch), name)

    async def trickling(self, name: str, subjects: Sequence[str], pause_s: float = 0.01) -> None:
        """A service that leaves the machine to others: one line now and then."""
        run = self.run
        client = run.client(name, self.address, run.access.back_end(name))
        while not self.stopped.is_set():
            batch = Batch(run.draw.choice(subjects), [line_added(run.draw)])
            self.settled(await client.settle(batch), name)
            await asyncio.sleep(pause_s)

    async def careful(self, name: str, subject: str) -> None:
        """A service that writes only where it knows the head; told another, it goes on from it."""
        run = self.run
        client = run.client(name, self.address, run.access.back_end(name))
        head = 0
        while not self.stopped.is_set():
            batch = Batch(subject, [line_added(run.draw)], expected_version=head)
            end = await client.settle(batch)
            if end.head is not None:
                head = end.head
                continue
            self.settled(end, name)
            if end.response is not None:
                head = end.response.results[-1].version

    async def streaming(self, name: str, subject: str) -> None:
        """A gateway with its own numbers on RecordStream, several batches under way."""
        run = self.run
        client = run.client(name, self.address, run.access.back_end(name))
        gateway = Gateway(self, client, subject, f"gateway-{name}")
        while not self.stopped.is_set() or gateway.unanswered:
            await client.channel.channel_ready()
            await gateway.stream()

    def _numbered(self, seq: int, count: int) -> list[Interaction]:
        return [line_added(self.run.draw, seq=seq + index) for index in range(count)]


class Gateway:
    """One client of RecordStream. What a broken stream left unanswered goes first on the next."""

    def __init__(self, writing: Writing, client: Client, subject: str, installation: str) -> None:
        self.unanswered: list[Batch] = []
        self._writing = writing
        self._client = client
        self._subject = subject
        self._installation = installation
        self._seq = 1

    async def stream(self) -> None:
        """Open a stream and use it until it ends or the writers stop."""
        client = self._client
        call = client.stub.RecordStream(metadata=client.metadata)
        sent: dict[int, tuple[str, Batch]] = {}
        again = list(self.unanswered)
        broken = End("unknown", "UNAVAILABLE")
        try:
            number = 0
            while again or sent or not self._writing.stopped.is_set():
                while len(sent) < _IN_FLIGHT and (again or not self._writing.stopped.is_set()):
                    number += 1
                    batch = again.pop(0) if again else self._next()
                    sent[number] = (client.begin(batch, "RecordStream"), batch)
                    request = batch.request()
                    request.batch_no = number
                    await call.write(RecordStreamRequest(batch=request))
                if not await self._take(call, sent):
                    break
            await call.write(RecordStreamRequest(drain=Drain()))
            await call.done_writing()
        except grpc.aio.AioRpcError as error:
            broken = end_of(error)
        except asyncio.InvalidStateError:
            pass  # written to after its end; what it ended with does not matter
        finally:
            call.cancel()
            for call_id, _ in sent.values():
                client.end(call_id, End("unknown", broken.code, broken.reason, broken.metadata))

    def _next(self) -> Batch:
        count = self._writing.run.draw.randint(1, 4)
        draw = self._writing.run.draw
        interactions = [line_added(draw, seq=self._seq + index) for index in range(count)]
        self._seq += count
        batch = Batch(self._subject, interactions, self._installation)
        self.unanswered.append(batch)
        return batch

    async def _take(self, call: object, sent: dict[int, tuple[str, Batch]]) -> bool:
        """Read until one batch is answered. False: the stream has ended, or goes away."""
        while True:
            frame = await call.read()  # type: ignore[attr-defined]
            if frame is grpc.aio.EOF or frame.HasField("going_away"):
                return False
            if not frame.HasField("ack"):
                continue
            call_id, batch = sent.pop(frame.ack.batch_no)
            if frame.ack.HasField("response"):
                end = End("ok", "OK", response=frame.ack.response)
            else:
                info = info_in(frame.ack.error)
                assert info is not None, frame
                code = next(
                    code for code in grpc.StatusCode if code.value[0] == frame.ack.error.code
                )
                end = refusal_of(code.name, info)
            self._client.end(call_id, end)
            if end.again:
                return False
            self.unanswered.remove(batch)
            self._writing.settled(end, "a batch on a stream")
            return True


async def open_session(run: Run, client: Client, subject: str, installation: str) -> str:
    """A session of a device; asked for under one command id until it is given."""
    request = OpenSessionRequest(
        installation_id=installation,
        device=Device(device_id=f"device-{installation}", platform="ios"),
        channel=CHANNEL_MOBILE_APP,
        protocol=1,
        command_id=str(uuid.UUID(int=run.draw.getrandbits(128), version=4)),
    )
    while True:
        await client.channel.channel_ready()
        request.clock.CopyFrom(clock_now())
        stub = SessionServiceStub(client.channel)
        call_id = run.recorder.call(proc=client.proc, rpc="OpenSession", subject=subject)
        try:
            opened = await stub.OpenSession(request, metadata=client.metadata, timeout=5)
        except grpc.aio.AioRpcError as error:
            end = end_of(error)
            client.end(call_id, end)
            if not end.again:
                raise
            await asyncio.sleep(0.05)
            continue
        client.end(call_id, End("ok", "OK"))
        session_id: str = opened.session.session_id
        return session_id
