"""What was recorded of a customer, in pages."""

from __future__ import annotations

from dataclasses import dataclass

from journey.v1.events_pb2 import Event, Occurrence
from journey.v1.history_service_pb2 import (
    EventOrder,
    ListEventsRequest,
    ListEventsResponse,
)
from journey_service.application.context import Context
from journey_service.application.customers import check_there
from journey_service.application.resume import page_size
from journey_service.application.tokens import checkpoint_of_stream, last_key_of, page_token
from journey_service.domain.event_filter import Keep, filter_fingerprint, keeps
from journey_service.domain.identity import Principal, reach
from journey_service.domain.tokens import fingerprint

READ_PAGE = 500


async def list_events(
    context: Context, principal: Principal, request: ListEventsRequest
) -> ListEventsResponse:
    """A page of a customer's events; all pages share the cut of the first. CustomerNotFound."""
    subject_id = reach(principal, request.subject_id)
    settings = context.settings
    size = page_size(request.page_size, settings.events_page_size, settings.events_page_size_max)
    pager = await _pager(context, subject_id, request)
    await check_there(context, principal, subject_id, pager.cut)
    found, more = await pager.take(size, keeps(request.filter))
    return ListEventsResponse(
        events=found,
        checkpoint=checkpoint_of_stream(
            context, subject_id, pager.cut, shown=filter_fingerprint(request.filter)
        ),
        next_page_token=page_token(context, "ListEvents", pager.asked, pager.place())
        if more
        else "",
    )


async def _pager(context: Context, subject_id: str, request: ListEventsRequest) -> _Pager:
    """Where the page begins: at the token's place and cut, else at the start of all there is."""
    by_version = request.order == EventOrder.EVENT_ORDER_RECORDED
    wanted = request.filter.SerializeToString(deterministic=True).hex()
    asked = fingerprint(subject_id, str(by_version), str(request.descending), wanted)
    pager = _Pager(context, subject_id, by_version, request.descending, asked)
    opened = last_key_of(context, request.page_token, "ListEvents", asked)
    if opened:
        pager.go_to(opened)
    else:
        pager.cut = (await context.journal.stream_head(subject_id)).version
    return pager


@dataclass(slots=True)
class _Pager:
    """Reads a stream up to a cut in one order, from a place that survives in a page token."""

    context: Context
    subject_id: str
    by_version: bool
    descending: bool
    asked: int
    cut: int = 0
    last: Event | None = None

    def place(self) -> str:
        """Cut and last event, as text."""
        if self.last is None:
            return f"{self.cut}/0/0/0/0/"
        at = self.last.occurrence
        return (
            f"{self.cut}/{self.last.version}/{at.t_ms}/{at.counter}/{at.seq}/{at.installation_id}"
        )

    def go_to(self, place: str) -> None:
        """Go on behind a place."""
        cut, version, t_ms, counter, seq, installation_id = place.split("/", 5)
        self.cut = int(cut)
        at = Occurrence(
            t_ms=int(t_ms), counter=int(counter), seq=int(seq), installation_id=installation_id
        )
        self.last = Event(version=int(version), occurrence=at)

    async def take(self, size: int, keep: Keep) -> tuple[list[Event], bool]:
        """The next `size` events that pass, and whether anything is left behind them."""
        found: list[Event] = []
        while True:
            page = await self._next_page()
            for index, event in enumerate(page):
                self.last = event
                if keep(event):
                    found.append(event)
                if len(found) == size:
                    return found, index + 1 < len(page) or len(page) == READ_PAGE
            if len(page) < READ_PAGE:
                return found, False

    async def _next_page(self) -> list[Event]:
        if not self.by_version:
            return await self.context.journal.read_by_occurrence(
                self.subject_id,
                after=self.last.occurrence if self.last else None,
                up_to_version=self.cut,
                limit=READ_PAGE,
                backwards=self.descending,
            )
        last = self.last.version if self.last else None
        ahead = self.descending
        return await self.context.journal.read_stream(
            self.subject_id,
            after_version=0 if ahead or last is None else last,
            up_to_version=last - 1 if ahead and last is not None else self.cut,
            limit=READ_PAGE,
            backwards=ahead,
        )
