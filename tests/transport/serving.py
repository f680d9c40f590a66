"""The real service over real gRPC, on the store in memory."""

from __future__ import annotations

import io
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

import projections
from journey.v1.admin_service_pb2_grpc import AdminServiceStub
from journey.v1.clocks_pb2 import ClientClock
from journey.v1.history_service_pb2_grpc import HistoryServiceStub
from journey.v1.identity_service_pb2_grpc import IdentityServiceStub
from journey.v1.interactions_pb2 import CHANNEL_WEB, Interaction
from journey.v1.journey_service_pb2 import RecordRequest
from journey.v1.journey_service_pb2_grpc import JourneyServiceStub
from journey.v1.projection_service_pb2_grpc import ProjectionServiceStub
from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import OpenSessionRequest
from journey.v1.session_service_pb2_grpc import SessionServiceStub
from journey.v1.sessions_pb2 import Device, Session
from journey.v1.subscription_service_pb2_grpc import SubscriptionServiceStub
from journey_service.application import Application
from journey_service.application.projected import Projected
from journey_service.bootstrap import visiting_of
from journey_service.domain.formats import Declared
from journey_service.domain.tokens import Tokens
from journey_service.domain.validation import Validation
from journey_service.observability import CallLog, Metrics, set_up
from journey_service.ports import Clock, Journal, Sessions, States
from journey_service.ports_of_devices import Devices, Handoffs, Installations
from journey_service.ports_of_groups import Groups
from journey_service.ports_of_identity import Identities
from journey_service.ports_of_rebuilds import Rebuilds
from journey_service.ports_of_views import StateLists, Stops
from journey_service.settings import Settings
from journey_service.store.memory import MemoryStore
from journey_service.transport.auth import Authenticator
from journey_service.transport.grpc_server import DETAILS, REQUEST_ID, GrpcServer
from journey_service.transport.issuers import development_issuer, visitor_issuer
from journey_service.transport.mint import Mint
from projections.view import Catalogue, View

SECRET = b"s" * 32
VISITOR_SECRET = b"v" * 32
APP_KEY = "app_of_the_shop"
IDENTITY_KEY = b"i" * 32
TEST_SETTINGS: dict[str, Any] = {
    "grpc_address": "127.0.0.1:0",
    "drain_notice_ms": 0,
    "drain_grace_ms": 1_000,
    "health_interval_ms": 10,
}


class Store(Protocol):
    """The ports."""

    @property
    def clock(self) -> Clock: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def states(self) -> States: ...
    @property
    def state_lists(self) -> StateLists: ...
    @property
    def stops(self) -> Stops: ...
    @property
    def rebuilds(self) -> Rebuilds: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def devices(self) -> Devices: ...
    @property
    def handoffs(self) -> Handoffs: ...
    @property
    def groups(self) -> Groups: ...
    @property
    def installations(self) -> Installations: ...
    @property
    def identities(self) -> Identities: ...


@dataclass
class Served:
    """A running service, and what its callers need."""

    server: GrpcServer
    application: Application
    settings: Settings
    metrics: Metrics
    channel: grpc.aio.Channel
    call_log: CallLog
    written: io.StringIO
    switches: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.journeys: Any = JourneyServiceStub(self.channel)
        self.sessions: Any = SessionServiceStub(self.channel)
        self.history: Any = HistoryServiceStub(self.channel)
        self.identity: Any = IdentityServiceStub(self.channel)
        self.subscriptions: Any = SubscriptionServiceStub(self.channel)
        self.projections: Any = ProjectionServiceStub(self.channel)
        self.admin: Any = AdminServiceStub(self.channel)
        self.mint = Mint(SECRET, self.settings.development_issuer, self.settings.audience)

    def as_(self, role: str, subject: str = "alice", **claims: Any) -> tuple[tuple[str, str], ...]:
        """Metadata of a caller."""
        return (("authorization", f"Bearer {self.mint.token(role, subject, **claims)}"),)

    async def open_session(
        self, subject: str = "alice", installation: str = "phone", **claims: Any
    ) -> Session:
        """A session of a device."""
        answer = await self.sessions.OpenSession(
            opening(installation), metadata=self.as_("device", subject, **claims)
        )
        session: Session = answer.session
        return session

    def log(self) -> str:
        """What was logged."""
        self.call_log.flush()
        return self.written.getvalue()

    def lines(self) -> list[dict[str, Any]]:
        """The same, line by line."""
        return [json.loads(line) for line in self.log().splitlines()]


@asynccontextmanager
async def serving(
    store: Store | None = None,
    *,
    views: Iterable[View] = projections.VIEWS,
    declared: Declared | None = None,
    **changes: Any,
) -> AsyncIterator[Served]:
    """A service with these settings changed; stopped at the end."""
    settings = Settings(**{**TEST_SETTINGS, **changes})
    held = store or MemoryStore(settings)
    catalogue = Catalogue(views)
    for view in catalogue.stored():
        await held.states.register(view.name, view.version)
    validation = Validation(declared, secrets_key=SECRET)
    application = Application(
        journal=held.journal,
        states=held.states,
        projected=Projected(catalogue, held.state_lists, held.stops, held.rebuilds),
        sessions=held.sessions,
        devices=held.devices,
        handoffs=held.handoffs,
        groups=held.groups,
        identities=held.identities,
        visiting=visiting_of(held.installations, settings, IDENTITY_KEY, VISITOR_SECRET),
        clock=held.clock,
        tokens=Tokens([b"t" * 32], held.journal.journal_id),
        validation=validation,
        settings=settings,
    )
    log, metrics, switches = io.StringIO(), Metrics(), {"ready": True}
    call_log: CallLog = set_up("json", "info", file=log, hash_key=b"h")
    server = GrpcServer(
        application,
        Authenticator(
            [
                development_issuer(settings.development_issuer, SECRET),
                visitor_issuer(settings.visitor_issuer, VISITOR_SECRET),
            ],
            settings,
            identity_key=IDENTITY_KEY,
            app_keys=[APP_KEY],
            now_s=lambda: held.clock.now_ms() / 1_000,
        ),
        validation,
        settings=settings,
        metrics=metrics,
        call_log=call_log,
        ready=lambda: switches["ready"],
    )
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        try:
            yield Served(server, application, settings, metrics, channel, call_log, log, switches)
        finally:
            await server.stop()


def opening(installation: str = "phone", **changes: Any) -> OpenSessionRequest:
    """A whole request for a session."""
    asked = OpenSessionRequest(
        installation_id=installation,
        device=Device(device_id=f"device of {installation}".replace(" ", "-"), name="A phone"),
        channel=CHANNEL_WEB,
        protocol=1,
        clock=clock(),
        command_id=str(uuid.uuid4()),
    )
    asked.MergeFrom(OpenSessionRequest(**changes))
    return asked


def clock() -> ClientClock:
    """A device's clocks now."""
    now_ms = time.time_ns() // 1_000_000
    return ClientClock(sent_wall_ms=now_ms, sent_mono_ms=1_000, boot_id="b")


def event_id() -> str:
    """A UUID of version 7, as devices make them."""
    bits = int.from_bytes(uuid.uuid4().bytes)
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | (0x7 << 76) | (bits & ((1 << 76) - 1))
    return str(uuid.UUID(int=(value & ~(0x3 << 62)) | (0x2 << 62)))


def listed(seq: int = 1, item: str = "milk", **changes: Any) -> Interaction:
    """An interaction that any device may report: an item is put on a list."""
    interaction = Interaction(
        event_id=event_id(),
        seq=seq,
        journey=JourneyRef(kind="list", journey_id="groceries"),
        wall_ms=time.time_ns() // 1_000_000,
        mono_ms=900,
        boot_id="b",
    )
    interaction.list_item_added.content_id = item
    interaction.MergeFrom(Interaction(**changes))
    return interaction


def batch(session: Session, *interactions: Interaction, **changes: Any) -> RecordRequest:
    """A device's batch."""
    request = RecordRequest(
        session_id=session.session_id,
        interactions=interactions or [listed()],
        clock=clock(),
        batch_no=1,
    )
    request.MergeFrom(RecordRequest(**changes))
    return request


def status_of(error: grpc.aio.AioRpcError) -> Status:
    """The status that travels beside an error."""
    found = [value for key, value in trailing(error) if key == DETAILS]
    assert len(found) == 1, "an error carries one status"
    status = Status.FromString(found[0])
    assert status.code == error.code().value[0]
    return status


def info_of(status: Status) -> ErrorInfo:
    """The ErrorInfo of a status; every error has one."""
    info = ErrorInfo()
    assert status.details[0].Unpack(info)
    return info


def detail(status: Status, kind: type[Any]) -> Any:
    """The detail of a type."""
    for packed in status.details:
        if packed.Is(kind.DESCRIPTOR):
            found = kind()
            packed.Unpack(found)
            return found
    raise AssertionError(f"no {kind.__name__} in {status}")


def reason_of(error: grpc.aio.AioRpcError) -> str:
    """The reason of an error."""
    reason: str = info_of(status_of(error)).reason
    return reason


def trailing(error: grpc.aio.AioRpcError) -> list[tuple[str, Any]]:
    """Trailing metadata of an error."""
    metadata: Any = error.trailing_metadata()
    return list(metadata or ())


def request_id(metadata: Any) -> str:
    """The request id in metadata."""
    return str(next(value for key, value in metadata if key == REQUEST_ID))
