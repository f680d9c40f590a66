"""Read a customer: journeys, what to go on with, events."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from journey.v1 import history_service_pb2 as history
from journey.v1 import identity_pb2 as identity
from journey.v1.events_pb2 import Event
from journey.v1.identity_service_pb2 import GetCustomerRequest
from journey.v1.journey_service_pb2 import (
    GetJourneyRequest,
    GetJourneyResponse,
    JourneyView,
    ListJourneysRequest,
    ListJourneysResponse,
)
from journey.v1.journeys_pb2 import Journey
from journey.v1.reading_pb2 import AsOf, EndPoint, EventFilter, StartPoint
from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import (
    ListDevicesRequest,
    ListSessionsRequest,
    SignOutDeviceRequest,
)
from journey.v1.sessions_pb2 import (
    DEVICE_STATUS_LOST,
    DEVICE_STATUS_SIGNED_OUT,
    DeviceRecord,
)
from journey.v1.sessions_pb2 import Session as SessionRecord
from journey_client import _methods as methods
from journey_client._calls import Ask, Calls, Method
from journey_client._copy import JourneyKey, key_of
from journey_client.clocks import ClockWatch
from journey_client.errors import JournalRewound
from journey_client.playing import play
from journey_client.view import WatchFilter
from journey_client.watching import Watch

Asked = TypeVar("Asked", GetJourneyRequest, ListJourneysRequest)
Read = TypeVar("Read", GetJourneyResponse, ListJourneysResponse)
# Without a lease a playing point is extrapolated this far beyond its last report.
EXTRAPOLATED_MS = 45_000


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """Where to go on with a journey, and its whole state in `journey`.

    For media in ms of content: `point_ms` is where the customer is (moved on to now if another
    device plays), `start_ms` where a player should begin: 0 after the end. For other kinds both
    are 0 and the state itself is the place.
    """

    journey: Journey
    point_ms: int = 0
    start_ms: int = 0
    playing: bool = False


class Customer:
    """What one customer has: reads are exact and contain what this client wrote before."""

    def __init__(self, calls: Calls, clock: ClockWatch, subject_id: str = "") -> None:
        self._calls = calls
        self._clock = clock
        self._asked_subject = subject_id
        self._write_token = ""
        self._tokens: dict[JourneyKey, str] = {}
        self._watches: list[Watch] = []

    @property
    def subject_id(self) -> str:
        """The subject named in calls; empty: the caller's own."""
        return self._asked_subject

    async def journey(
        self, kind: str, journey_id: str = "main", *, as_of: AsOf | None = None
    ) -> Journey:
        """One journey with its resume point, exact; with `as_of` at that point in the past.

        Raises JourneyNotFound if the customer has none of that name, or had none then.
        """
        return (await self._get(kind, journey_id, as_of)).journey

    async def diff(
        self, kind: str, journey_id: str = "main", *, before: AsOf, after: AsOf | None = None
    ) -> history.DiffJourneyResponse:
        """The journey at two points (the second unset: now), the fields that differ, and the events
        in between. Raises JourneyNotFound if it was at neither."""
        request = history.DiffJourneyRequest(
            subject_id=self._asked_subject,
            journey=JourneyRef(kind=kind, journey_id=journey_id),
            before=before,
            after=after,
        )
        return await self._calls.unary(methods.DIFF_JOURNEY, _same(request))

    def play(
        self,
        journey: JourneyKey | None = None,
        *,
        start: StartPoint | None = None,
        end: EndPoint | None = None,
        order: history.EventOrder = history.EventOrder.EVENT_ORDER_OCCURRENCE,
        speed: float = 0,
        max_pause_ms: int = 0,
        include_state: bool = True,
    ) -> AsyncIterator[history.PlayedEvent]:
        """The customer's events, or a journey's, one by one with the state after each.

        `speed` 1 is the pace at which it happened, 10 ten times as fast, 0 makes no pauses; none
        is longer than `max_pause_ms` (0: 5 s). What was recorded before `start` is in the states.
        For back ends and developers. Goes on where it was when the connection breaks.
        """
        request = history.PlayEventsRequest(
            subject_id=self._asked_subject,
            journey=JourneyRef(kind=journey.kind, journey_id=journey.journey_id)
            if journey
            else None,
            start=start,
            end=end,
            order=order,
            speed=round(speed * 1_000),
            max_pause_ms=max_pause_ms,
            include_state=include_state,
        )
        return play(self._calls, request)

    async def resume(self, kind: str, journey_id: str = "main") -> ResumePoint:
        """Where to go on with a journey. Raises JourneyNotFound."""
        answer = await self._get(kind, journey_id, None)
        until = answer.leases[0].lease_until_ms if answer.leases else None
        return resume_point(answer.journey, self.server_now_ms(), lease_until_ms=until)

    async def continue_list(self, *, kinds: Sequence[str] = ()) -> list[Journey]:
        """What the customer can go on with, newest activity first."""
        return [journey async for journey in self.journeys(kinds=kinds)]

    async def journeys(
        self,
        view: JourneyView = JourneyView.JOURNEY_VIEW_CONTINUE,
        *,
        kinds: Sequence[str] = (),
        page_size: int = 0,
    ) -> AsyncIterator[Journey]:
        """All journeys of a view, newest activity first, page by page."""
        page_token = ""
        while True:
            request = ListJourneysRequest(
                subject_id=self._asked_subject,
                view=view,
                kinds=kinds,
                at_least=self._write_token,
                page_size=page_size,
                page_token=page_token,
            )
            answer = await self._read(methods.LIST_JOURNEYS, request)
            for journey in answer.journeys:
                self._tokens[key_of(journey.ref)] = answer.token
                yield journey
            page_token = answer.next_page_token
            if not page_token:
                return

    async def who(self) -> identity.Customer:
        """The subjects that are this customer, and the links that make them one."""
        request = GetCustomerRequest(subject_id=self._asked_subject)
        return (await self._calls.unary(methods.GET_CUSTOMER, _same(request))).customer

    async def events(
        self,
        *,
        filter: EventFilter | None = None,  # noqa: A002 - named as in the request
        order: history.EventOrder = history.EventOrder.EVENT_ORDER_OCCURRENCE,
        descending: bool = False,
        stream_only: bool = False,
        page_size: int = 0,
    ) -> AsyncIterator[Event]:
        """The customer's events as of now, page by page; without `filter` all accepted ones. With
        `stream_only` those of the subject named alone, whoever is one customer with it."""
        page_token = ""
        while True:
            request = history.ListEventsRequest(
                subject_id=self._asked_subject,
                filter=filter,
                order=order,
                descending=descending,
                stream_only=stream_only,
                page_size=page_size,
                page_token=page_token,
            )
            answer = await self._calls.unary(methods.LIST_EVENTS, _same(request))
            for event in answer.events:
                yield event
            page_token = answer.next_page_token
            if not page_token:
                return

    async def sessions(self, *, include_ended: bool = False) -> AsyncIterator[SessionRecord]:
        """The customer's sessions, newest first, page by page."""
        page_token = ""
        while True:
            request = ListSessionsRequest(
                subject_id=self._asked_subject,
                include_ended=include_ended,
                page_token=page_token,
            )
            answer = await self._calls.unary(methods.LIST_SESSIONS, _same(request))
            for session in answer.sessions:
                yield session
            page_token = answer.next_page_token
            if not page_token:
                return

    async def devices(self) -> AsyncIterator[DeviceRecord]:
        """The customer's devices, last seen first, page by page."""
        page_token = ""
        while True:
            request = ListDevicesRequest(subject_id=self._asked_subject, page_token=page_token)
            answer = await self._calls.unary(methods.LIST_DEVICES, _same(request))
            for device in answer.devices:
                yield device
            page_token = answer.next_page_token
            if not page_token:
                return

    async def sign_out_device(self, device_id: str, *, lost: bool = False) -> DeviceRecord:
        """End a device's sessions, streams and credentials; `lost` also has it wiped and refuses
        it for ever. Raises CustomerMismatch for a device that the customer has not."""
        request = SignOutDeviceRequest(
            subject_id=self._asked_subject,
            device_id=device_id,
            status=DEVICE_STATUS_LOST if lost else DEVICE_STATUS_SIGNED_OUT,
            command_id=str(uuid.uuid4()),
        )
        return (await self._calls.unary(methods.SIGN_OUT_DEVICE, _same(request))).device

    def watch(
        self,
        *,
        kinds: Sequence[str] = (),
        journeys: Sequence[JourneyKey] = (),
        presence: bool = False,
    ) -> Watch:
        """Follow the customer: iterate it for views. See Watch."""
        wanted = WatchFilter(self._asked_subject, kinds, journeys, presence)
        watch = self._make_watch(wanted)
        self._watches.append(watch)
        return watch

    def server_now_ms(self) -> int:
        """The service's clock now, as well as this client knows it; ms since 1970 UTC."""
        best = self._clock.best()
        return self._clock.clocks.wall_ms() + (best.offset_ms if best else 0)

    async def close(self) -> None:
        """End its watches."""
        await self.let_go()

    async def let_go(self) -> None:
        """End its watches, and tell the service nothing."""
        watches, self._watches = self._watches, []
        for watch in watches:
            await watch.aclose()

    def _make_watch(self, wanted: WatchFilter) -> Watch:
        return Watch(self._calls, self._clock.clocks, wanted)

    async def _get(self, kind: str, journey_id: str, as_of: AsOf | None) -> GetJourneyResponse:
        request = GetJourneyRequest(
            subject_id=self._asked_subject,
            journey=JourneyRef(kind=kind, journey_id=journey_id),
            at_least="" if as_of else self._write_token,
            as_of=as_of,
        )
        answer = await self._read(methods.GET_JOURNEY, request)
        if as_of is None:
            self._tokens[JourneyKey(kind, journey_id)] = answer.token
        return answer

    async def _read(self, method: Method[Asked, Read], request: Asked) -> Read:
        """Read what is asked for; once more, without a write that a restore has lost."""
        try:
            return await self._calls.unary(method, _same(request))
        except JournalRewound:
            if not request.at_least:
                raise
        if self._write_token == request.at_least:
            self._write_token = ""
        request.at_least = ""
        return await self._calls.unary(method, _same(request))


def resume_point(
    journey: Journey, server_now_ms: int, *, lease_until_ms: int | None = None
) -> ResumePoint:
    """Where to go on at a moment of the service's clock.

    A playing point moves on, not beyond its lease (45 s where there is none) and the content.
    """
    if not journey.HasField("media"):
        return ResumePoint(journey)
    media = journey.media
    playing = media.speed > 0
    until_ms = media.as_of_ms + EXTRAPOLATED_MS if lease_until_ms is None else lease_until_ms
    played_ms = max(0, min(server_now_ms, until_ms) - media.as_of_ms) if playing else 0
    point_ms = media.point_ms + played_ms * media.speed // 1_000
    if media.duration_ms:
        point_ms = min(point_ms, max(media.duration_ms, media.point_ms))
    return ResumePoint(journey, point_ms, 0 if media.finished else point_ms, playing)


def _same(request: Ask) -> Callable[[], Ask]:
    """Every try sends the same."""
    return lambda: request
