"""A client that sends batches, retries by the rules, and writes down everything it does.

The generated stubs are used directly, so that no client library of ours can hide a fault.
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from journey.v1 import errors_pb2, events_pb2
from journey.v1.clocks_pb2 import ClientClock
from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import RecordRequest, RecordResponse, RecordResult
from journey.v1.journey_service_pb2_grpc import JourneyServiceStub
from tests.battery.content import BOOT_ID, hash_of
from tests.history.recorder import Answer, CallOutcome, Recorder

CALL_S = 5.0
OPTIONS = [
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 200),
]
# Without a reason of ours, only these say for sure that nothing was done.
_SURELY_REFUSED = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)
_CUT = ("Internal error from Core", "Received RST_STREAM")
_AGAIN = frozenset({"RATE_LIMITED", "EXPIRED_IN_QUEUE", "STARTING", "DRAINING"})
_AGAIN |= {"STORAGE_UNAVAILABLE", "OUTCOME_UNKNOWN"}


@dataclass(slots=True)
class Batch:
    """Interactions of one stream that are sent together, as often as need be, under their ids."""

    subject: str
    interactions: Sequence[Interaction]
    installation: str = ""
    session_id: str = ""
    expected_version: int | None = None
    atomic: bool = False
    attempts: int = 0
    hashes: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.hashes = [hash_of(interaction) for interaction in self.interactions]

    def request(self) -> RecordRequest:
        """The message, with the clocks of now. Devices name their session and nothing else."""
        request = RecordRequest(interactions=self.interactions, atomic=self.atomic)
        if self.session_id:
            request.session_id = self.session_id
        else:
            request.subject_id, request.installation_id = self.subject, self.installation
        if self.session_id or self.installation:
            request.clock.CopyFrom(clock_now())
        if self.expected_version is not None:
            request.expected_version = self.expected_version
        return request


@dataclass(frozen=True, slots=True)
class End:
    """How a call ended. `response` is set where it was ok."""

    outcome: CallOutcome
    code: str
    reason: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    response: RecordResponse | None = None

    @property
    def ok(self) -> bool:
        """Whether the batch was recorded."""
        return self.outcome == "ok"

    @property
    def is_bug(self) -> bool:
        """Whether the service broke: a status that no fault excuses.

        gRPC itself says INTERNAL of a stream that is cut while it is written to.
        """
        if self.code == "INTERNAL" and not self.reason:
            return not self.metadata.get("details", "").startswith(_CUT)
        return self.code in {"INTERNAL", "UNKNOWN", "DATA_LOSS"}

    @property
    def again(self) -> bool:
        """Whether the rules say: the same ids once more."""
        return self.outcome == "unknown" or self.reason in _AGAIN

    @property
    def head(self) -> int | None:
        """The version at which the stream stands, where a conflict named it."""
        told = self.metadata.get("current_version")
        return None if told is None else int(told)


class Client:
    """One logical client on a connection of its own."""

    def __init__(self, recorder: Recorder, name: str, address: str, authorization: str) -> None:
        self._recorder = recorder
        self._name = name
        self._given_up = 0
        self._authorization = authorization
        self._connected = 0
        self._draw = random.Random(name)
        self.bugs: list[str] = []
        self.connect(address)

    def connect(self, address: str) -> None:
        """Go on over a new connection. The old one is left to end by itself."""
        self._connected += 1
        self._old = getattr(self, "channel", None)
        self.channel = grpc.aio.insecure_channel(address, options=OPTIONS)
        self.stub: Any = JourneyServiceStub(self.channel)
        self._connection = f"{address}#{self._connected}"

    async def close(self) -> None:
        """Close the connections."""
        for channel in (self._old, self.channel):
            if channel is not None:
                await channel.close()

    @property
    def metadata(self) -> list[tuple[str, str]]:
        """What goes with every call."""
        return [("authorization", self._authorization)]

    @property
    def proc(self) -> str:
        """The name under which this client is known until its next unknown outcome."""
        return f"{self._name}.{self._given_up}"

    async def ready(self, within_s: float) -> None:
        """Wait for a connection. `TimeoutError`: there is none."""
        async with asyncio.timeout(within_s):
            await self.channel.channel_ready()

    async def send(self, batch: Batch, *, timeout_s: float = CALL_S) -> End:
        """Send a batch once, whatever comes back."""
        call_id = self.begin(batch, "Record")
        try:
            response = await self.stub.Record(
                batch.request(), metadata=self.metadata, timeout=timeout_s
            )
            end = End("ok", "OK", response=response)
        except grpc.aio.AioRpcError as error:
            end = end_of(error)
        self.end(call_id, end)
        return end

    async def settle(self, batch: Batch, *, patience_s: float = 60.0) -> End:
        """Send a batch until it is recorded or refused for good. `TimeoutError`: neither."""
        async with asyncio.timeout(patience_s):
            wait_s = 0.02
            while True:
                await self.channel.channel_ready()
                end = await self.send(batch)
                if not end.again:
                    return end
                await asyncio.sleep(wait_s * self._draw.uniform(0.5, 1))
                wait_s = min(wait_s * 2, 0.5)

    def begin(self, batch: Batch, rpc: str) -> str:
        """Note that a batch is about to be sent."""
        batch.attempts += 1
        return self._recorder.call(
            proc=self.proc,
            rpc=rpc,
            subject=batch.subject,
            installation=batch.installation,
            first_seq=batch.interactions[0].seq if batch.interactions else 0,
            event_ids=[interaction.event_id for interaction in batch.interactions],
            hashes=batch.hashes,
            expected_version=batch.expected_version,
            attempt=batch.attempts,
            connection=self._connection,
        )

    def end(self, call_id: str, end: End) -> None:
        """Note how it ended."""
        response = end.response
        self._recorder.result(
            call_id,
            end.outcome,
            code=end.code,
            reason=end.reason,
            answers=[answer_of(result) for result in response.results] if response else (),
            processed_seq=response.processed_seq if response else 0,
            current_version=end.head,
        )
        if end.outcome == "unknown":
            self._given_up += 1
        if end.is_bug:
            self.bugs.append(f"{call_id}: {end.code} {end.reason} {dict(end.metadata)}")


def clock_now() -> ClientClock:
    """The clocks of this machine."""
    return ClientClock(
        sent_wall_ms=time.time_ns() // 1_000_000,
        sent_mono_ms=time.monotonic_ns() // 1_000_000,
        boot_id=BOOT_ID,
    )


def answer_of(result: RecordResult) -> Answer:
    """A result as the history holds it."""
    return Answer(
        outcome_name(result.outcome),
        reason_name(result.reason),
        result.duplicate,
        result.version,
        result.partition,
        result.position,
    )


def outcome_name(outcome: events_pb2.Outcome) -> str:
    """Without its prefix."""
    return events_pb2.Outcome.Name(outcome).removeprefix("OUTCOME_")


def reason_name(reason: errors_pb2.ErrorReason) -> str:
    """Without its prefix; empty for none."""
    return errors_pb2.ErrorReason.Name(reason).removeprefix("ERROR_REASON_") if reason else ""


def end_of(error: grpc.aio.AioRpcError) -> End:
    """What a failed call means: refused for sure, or unknown."""
    code = error.code()
    info = _error_info(error)
    if info is None:
        outcome: CallOutcome = "fail" if code in _SURELY_REFUSED else "unknown"
        return End(outcome, code.name, metadata={"details": error.details() or ""})
    return refusal_of(code.name, info)


def refusal_of(code: str, info: ErrorInfo) -> End:
    """What a reason of the service means. A bug may strike after the commit: unknown."""
    metadata = dict(info.metadata)
    unsure = metadata.get("outcome") == "unknown" or code == "INTERNAL"
    unsure = unsure or info.reason == "OUTCOME_UNKNOWN"
    return End("unknown" if unsure else "fail", code, info.reason, metadata)


def _error_info(error: grpc.aio.AioRpcError) -> ErrorInfo | None:
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            assert isinstance(value, bytes)
            return info_in(Status.FromString(value))
    return None


def info_in(status: Status) -> ErrorInfo | None:
    """The ErrorInfo of a rich status."""
    info = ErrorInfo()
    for detail in status.details:
        try:
            if detail.Unpack(info):
                return info
        except DecodeError:
            return None
    return None
