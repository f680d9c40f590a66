"""The client: one connection of one caller to a service."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import Self

import grpc
import grpc.aio

from journey.v1 import history_service_pb2 as history
from journey.v1.admin_service_pb2 import (
    GetPartitionsRequest,
    GetPartitionsResponse,
    GetServerInfoRequest,
    GetServerInfoResponse,
)
from journey.v1.clocks_pb2 import ClientClock
from journey.v1.interactions_pb2 import Channel, Interaction
from journey.v1.journey_service_pb2 import RecordRequest
from journey.v1.reading_pb2 import EndPoint, EventFilter, StartPoint
from journey.v1.session_service_pb2 import (
    ClaimHandoffResponse,
    HandoffVia,
    OpenSessionRequest,
)
from journey.v1.sessions_pb2 import Device
from journey.v1.subscription_service_pb2 import SubscribeRequest
from journey_client import _methods as methods
from journey_client import ids
from journey_client._calls import DEFAULT_TIMEOUT_MS, Calls, Retries
from journey_client._credentials import CredentialProvider, Credentials
from journey_client._described import channel_of, device_facts
from journey_client._error import JourneyError
from journey_client._sequence import Lines
from journey_client._timed import timed_call
from journey_client._visits import Visits
from journey_client.bulk import EventPage, read_pages
from journey_client.checkpoints import CheckpointStore, MemoryCheckpoints
from journey_client.clocks import Clocks, ClockWatch, MachineClocks
from journey_client.groups import GroupCalls
from journey_client.projections import ProjectionCalls
from journey_client.reading import Customer
from journey_client.rebuilds import RebuildCalls
from journey_client.recording import SERVICE_LIMITS, Recorded
from journey_client.session import KEEP_ALIVE_MS, PROTOCOL, RECORD_TIMEOUT_MS, Session
from journey_client.subscribing import Subscription


def connect(
    address: str,
    *,
    token: str = "",
    credentials: CredentialProvider | None = None,
    app_key: str = "",
    device: Device | str = "",
    installation_id: str = "",
    installation_secret: str = "",
    tls: grpc.ChannelCredentials | None = None,
    clocks: Clocks | None = None,
    retries: Retries | None = None,
    timeout_ms: int = DEFAULT_TIMEOUT_MS,
    service: bool = False,
) -> Client:
    """A client of the service at `address` (host:port); use it with `async with`.

    The caller is who the bearer token says: a fixed `token`, or `credentials`, which is awaited
    for one and asked again at 75 % of its life. `device` describes what it runs on (a string is
    its id; default: this machine). Keep `installation_id` with the client's storage; without it
    a new one is made. With an `app_key` alone the caller is a visitor without account; keep
    `installation_secret` as you keep the id, and `Client.sign_in` when there is an account. `tls`
    secures the connection. A call is answered or fails after `timeout_ms`, its repeats included;
    one that records has 30 s unless it says otherwise. `service` is for back ends: dead connections
    are found within seconds. Raises ValueError where `timeout_ms` is under 1.
    """
    calls = Calls(
        address,
        Credentials(token, credentials),
        tls=tls,
        service=service,
        retries=retries,
        timeout_ms=timeout_ms,
    )
    client = Client(
        calls,
        device=device_facts(device),
        installation_id=installation_id,
        clocks=clocks or MachineClocks(),
        app_key=app_key,
        installation_secret=installation_secret,
    )
    if app_key and not token and credentials is None:
        client.visit()
    return client


class Client(GroupCalls, ProjectionCalls, RebuildCalls):
    """One connection of one caller. Make it with `connect`; leaving it closes its sessions."""

    def __init__(
        self,
        calls: Calls,
        *,
        device: Device,
        installation_id: str,
        clocks: Clocks,
        app_key: str = "",
        installation_secret: str = "",
    ) -> None:
        self._calls = calls
        self._device = device
        self._installation_id = installation_id or ids.installation_id()
        self._clock = ClockWatch(clocks)
        self._visits = Visits(calls, self._clock, app_key, installation_secret)
        self._lines = Lines()
        self._open: list[Customer] = []

    # --- who uses it ---

    @property
    def installation_secret(self) -> str:
        """By which a visitor's installation is known again; keep it with `installation_id`. Empty
        before the first session of a visitor."""
        return self._visits.secret

    def visit(self) -> None:
        """Nobody is signed in: sessions that are opened from now on are a visitor's."""
        self._visits.begin()

    async def sign_in(
        self,
        visit: Session,
        *,
        token: str = "",
        credentials: CredentialProvider | None = None,
    ) -> Session:
        """The visitor has an account: ends the visit and opens the account's session, which has
        what the visitor had. What was on its way is recorded for the visitor first.

        Later sessions of this client are the account's, too. Raises JourneyError; call it again,
        with another credential if that was refused.
        """
        if visit in self._open:  # else an earlier call came so far
            await visit.resolve()
            await visit.close()
            self._open.remove(visit)
        self._visits.end(Credentials(token, credentials))
        return await self.open_session(
            channel=visit.record_of.channel, channel_label=visit.record_of.channel_label
        )

    async def sign_out(self, session: Session) -> None:
        """The customer signed out: ends the session. With an app key the next one is a visitor's,
        who is nobody that was here before."""
        await session.close(sign_out=True)
        self._open.remove(session)
        if self._visits.app_key:
            self.visit()

    # --- devices ---

    async def open_session(
        self,
        *,
        channel: Channel | str = Channel.CHANNEL_MOBILE_APP,
        channel_label: str = "",
        subject_id: str = "",
        keep_alive_ms: int = KEEP_ALIVE_MS,
    ) -> Session:
        """Register this device and installation and open a session for the token's customer.

        `channel` is one of Channel or its name, e.g. "web"; back ends name the `subject_id`.
        """
        request = OpenSessionRequest(
            installation_id=self._installation_id,
            device=self._device,
            channel=channel_of(channel),
            channel_label=channel_label,
            subject_id=subject_id,
            protocol=PROTOCOL,
            command_id=str(uuid.uuid4()),
        )
        session = Session(self._calls, self._clock, request, self._lines, self._visits)
        await session.reopen()
        self._installation_id = session.installation_id
        session.keep_alive(keep_alive_ms)
        self._open.append(session)
        return session

    async def claim_handoff(
        self,
        code: str,
        *,
        via: HandoffVia | str = HandoffVia.HANDOFF_VIA_CODE,
        channel: Channel | str = Channel.CHANNEL_MOBILE_APP,
        channel_label: str = "",
    ) -> tuple[Session, ClaimHandoffResponse]:
        """Take over with a code of another device: the session, and the journey as it stands.

        Raises HandoffUnknown, HandoffSpent, HandoffOtherCustomer, ConfirmationMissing, ClaimLocked.
        """
        how = HandoffVia.Value(f"HANDOFF_VIA_{via.upper()}") if isinstance(via, str) else via
        request = OpenSessionRequest(
            installation_id=self._installation_id,
            device=self._device,
            channel=channel_of(channel),
            channel_label=channel_label,
            protocol=PROTOCOL,
        )
        session = Session(self._calls, self._clock, request, self._lines, self._visits)
        answer = await session.claim(code, how)
        session.keep_alive(KEEP_ALIVE_MS)
        self._open.append(session)
        return session, answer

    # --- anybody ---

    def customer(self, subject_id: str = "") -> Customer:
        """What a customer has, by any subject id; empty: the token's own. Reads and watches."""
        customer = Customer(self._calls, self._clock, subject_id)
        self._open.append(customer)
        return customer

    async def server_info(self) -> GetServerInfoResponse:
        """Versions, capabilities, limits and warnings of the service."""
        return await self._calls.unary(methods.GET_SERVER_INFO, GetServerInfoRequest)

    async def partitions(self) -> GetPartitionsResponse:
        """Heads and readers of the journal's partitions; for developers and operators."""
        return await self._calls.unary(methods.GET_PARTITIONS, GetPartitionsRequest)

    # --- back ends ---

    async def record(
        self,
        subject_id: str,
        interactions: Sequence[Interaction],
        *,
        installation_id: str = "",
        atomic: bool = False,
        expected_version: int | None = None,
        timeout_ms: int = RECORD_TIMEOUT_MS,
    ) -> Recorded:
        """Record facts of a back end in a customer's stream, in this order, unsequenced.

        Durable when it returns; known by their event ids, so repeat a call that failed with the
        same interactions. `installation_id` names the system or device that reports. `atomic`:
        all or nothing; `expected_version`: where the stream must stand, for one batch only.
        """
        recorded = Recorded()
        batches = list(SERVICE_LIMITS.split(self._dated(each) for each in interactions))
        if len(batches) > 1 and (atomic or expected_version is not None):
            raise ValueError("a condition holds for one batch: send fewer interactions")
        for batch in batches:
            request = RecordRequest(
                subject_id=subject_id,
                installation_id=installation_id,
                interactions=batch,
                atomic=atomic,
                expected_version=expected_version,
            )
            response = await timed_call(
                self._calls, self._clock, methods.RECORD, _at(request), timeout_ms=timeout_ms
            )
            recorded = recorded.with_response(response)
        return recorded

    def read_events(
        self,
        subject_id: str = "",
        *,
        start: StartPoint | None = None,
        end: EndPoint | None = None,
        filter: EventFilter | None = None,  # noqa: A002 - named as in the request
        partitions: Sequence[int] = (),
        backwards: bool = False,
        order: history.EventOrder = history.EventOrder.EVENT_ORDER_UNSPECIFIED,
        stream_only: bool = False,
        limit: int = 0,
        purpose: str = "",
    ) -> AsyncIterator[EventPage]:
        """The events of a customer, or of the journal, page by page, to the head at the call.

        `stream_only`: of the subject named alone, whoever is one customer with it.
        For back ends (with their `purpose`) and developers. Goes on from the last checkpoint when
        the connection breaks; each page tells its own, from which a later call can go on.
        """
        request = history.ReadEventsRequest(
            subject_id=subject_id,
            stream_only=stream_only,
            partitions=partitions,
            start=start,
            end=end,
            backwards=backwards,
            order=order,
            filter=filter,
            limit=limit,
            purpose=purpose,
        )
        return read_pages(self._calls, request)

    def subscribe(
        self,
        consumer: str,
        *,
        store: CheckpointStore | None = None,
        start: StartPoint | None = None,
        subject_id: str = "",
        partitions: Sequence[int] = (),
        filter: EventFilter | None = None,  # noqa: A002 - named as in the request
        purpose: str = "",
    ) -> Subscription:
        """The events of the journal, or of a customer, and what is recorded from then on, for ever.

        For back ends (with their `purpose`) and developers. `consumer` names this reader: a newer
        stream of its name replaces the older. It goes on behind the checkpoint in `store`, which
        is stored after the body ran; without one there, at `start` (default: the beginning).
        """
        request = SubscribeRequest(
            start=start or StartPoint(beginning=True),
            subject_id=subject_id,
            partitions=partitions,
            filter=filter,
            consumer=consumer,
            purpose=purpose,
        )
        return Subscription(self._calls, request, store or MemoryCheckpoints())

    # --- its life ---

    async def disconnect(self) -> None:
        """Break the connection without a word, as a lost network does: sessions stay open."""
        opened, self._open = self._open, []
        for each in opened:
            await each.let_go()
        await self._calls.close()

    async def close(self) -> None:
        """End sessions and watches, then the connection.

        A service that is away holds nobody up for more than 5 s: sessions end by themselves, too.
        """
        self._calls.timeout_ms = min(self._calls.timeout_ms, DEFAULT_TIMEOUT_MS)
        opened, self._open = self._open, []
        async with asyncio.TaskGroup() as ending:
            for each in opened:
                ending.create_task(_close(each))
        await self._calls.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def _dated(self, interaction: Interaction) -> Interaction:
        """With an id; facts of now get this machine's wall clock."""
        if not interaction.event_id:
            interaction.event_id = ids.event_id()
        if not interaction.wall_ms:
            interaction.wall_ms = self._clock.clocks.wall_ms()
        return interaction


async def _close(opened: Customer) -> None:
    """End a session or a watch; a service that is away does not hold the caller up."""
    try:
        await opened.close()
    except JourneyError:
        await opened.let_go()


def _at(request: RecordRequest) -> Callable[[ClientClock], RecordRequest]:
    """The request with the clocks of each try."""

    def make(clock: ClientClock) -> RecordRequest:
        request.clock.CopyFrom(clock)
        return request

    return make
