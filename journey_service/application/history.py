"""What was recorded of a customer, in pages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from journey.v1.events_pb2 import Event, Occurrence
from journey.v1.history_service_pb2 import (
    EventOrder,
    ListEventsRequest,
    ListEventsResponse,
)
from journey_service.application.context import Context
from journey_service.application.customers import check_there, customer_of
from journey_service.application.in_order import (
    Pages,
    as_happened,
    as_recorded,
    behind_in,
    in_order,
)
from journey_service.application.resume import page_size
from journey_service.application.seen_links import as_seen, may_see
from journey_service.application.sources import heads_of
from journey_service.application.tokens import checkpoint_of_streams, opened_page
from journey_service.domain.errors import TokenMismatch
from journey_service.domain.event_filter import filter_fingerprint, keeps
from journey_service.domain.identity import Principal, reach
from journey_service.domain.tokens import PageToken, fingerprint, hashed, subject_hash

CALL = "ListEvents"
READ_PAGE = 500
# Of each of several streams less is read at once, and never less than this.
READ_LEAST = 50


async def list_events(
    context: Context, principal: Principal, request: ListEventsRequest
) -> ListEventsResponse:
    """A page of a customer's events; all pages share the cut of the first. CustomerNotFound."""
    subject_id = reach(principal, request.subject_id)
    settings = context.settings
    size = page_size(request.page_size, settings.events_page_size, settings.events_page_size_max)
    pager = await _pager(context, principal, subject_id, request)
    await check_there(context, principal, subject_id, sum(pager.cut.values()))
    passes = keeps(request.filter)

    def keep(event: Event) -> bool:
        return passes(event) and may_see(principal, event, pager.cut)

    found, more = await pager.take(size, keep)
    return ListEventsResponse(
        events=[as_seen(principal, event) for event in found],
        checkpoint=checkpoint_of_streams(
            context, pager.cut, shown=filter_fingerprint(request.filter)
        ),
        next_page_token=pager.token() if more else "",
    )


async def _pager(
    context: Context, principal: Principal, subject_id: str, request: ListEventsRequest
) -> _Pager:
    """Where the page begins: at the token's place and cut, else at the start of all there is."""
    by_version = request.order == EventOrder.EVENT_ORDER_RECORDED
    wanted = request.filter.SerializeToString(deterministic=True).hex()
    alone = ["stream_only"] if request.stream_only else []
    asked = fingerprint(subject_id, str(by_version), str(request.descending), wanted, *alone)
    pager = _Pager(context, by_version, request.descending, asked)
    opened = opened_page(context, request.page_token, CALL, asked) if request.page_token else None
    if opened is not None and not opened.versions:
        pager.go_to(opened.last_key, subject_id)
        return pager
    members: Sequence[str] = [subject_id]
    if not request.stream_only:
        members = (await customer_of(context, principal, subject_id)).subject_ids
    if opened is None:
        pager.cut = await heads_of(context, members)
    else:
        pager.go_on(opened, members)
    return pager


@dataclass(slots=True)
class _Pager:
    """Reads streams up to a cut in one order, from a place that survives in a page token.

    `cut` holds the last version of each stream, by subject id; `last` is the last event that was
    passed, and `lasts` the last one of each stream.
    """

    context: Context
    by_version: bool
    descending: bool
    asked: int
    cut: Mapping[str, int] = field(default_factory=dict)
    last: Event | None = None
    lasts: dict[str, Event] = field(default_factory=dict)

    # --- its place ---

    def token(self) -> str:
        """Cut and place, as text. Which stream is the only one follows from what is asked for."""
        assert self.last is not None, "there is a page before"
        names = sorted(self.cut)
        several = len(names) > 1
        first = names.index(self.last.subject_id) if several else self.cut[names[0]]
        places = map(self._version, names) if several and self.by_version else ()
        token = PageToken(
            epoch=self.context.journal.epoch,
            call=CALL,
            filter=self.asked,
            last_key=_written(first, self.last),
            versions=hashed(self.cut) if several else {},
            positions=dict(enumerate(places)),
        )
        return self.context.tokens.seal_page(token)

    def _version(self, name: str) -> int:
        """The last one of a stream that was passed; 0 = none was."""
        return self.lasts[name].version if name in self.lasts else 0

    def go_to(self, place: str, subject_id: str) -> None:
        """Go on behind a place in one stream."""
        cut, last = _read(place)
        self.cut = {subject_id: cut}
        last.subject_id = subject_id
        self._pass(last)

    def go_on(self, token: PageToken, members: Collection[str]) -> None:
        """Go on behind the place in a token of several streams, which are among the members'."""
        named = {subject_hash(name): name for name in members}
        if not token.versions.keys() <= named.keys():
            raise TokenMismatch(OF_OTHERS, field="page_token")
        self.cut = {named[name]: version for name, version in token.versions.items()}
        names = sorted(self.cut)
        for place, version in token.positions.items():
            if version:
                self.lasts[names[place]] = Event(subject_id=names[place], version=version)
        index, self.last = _read(token.last_key)
        self.last.subject_id = names[index]

    def _pass(self, event: Event) -> None:
        self.last = self.lasts[event.subject_id] = event

    # --- reading on ---

    async def take(self, size: int, keep: Callable[[Event], bool]) -> tuple[list[Event], bool]:
        """The next `size` events that pass, and whether anything is left behind them."""
        found: list[Event] = []
        order = as_recorded if self.by_version else as_happened
        streams = [self._pages(name) for name in self.cut]
        pages = in_order(streams, order, backwards=self.descending)
        async for page in pages:
            for index, event in enumerate(page):
                self._pass(event)
                if keep(event):
                    found.append(event)
                if len(found) == size:
                    return found, index + 1 < len(page) or await self._more(page, pages)
        return found, False

    async def _more(self, page: Sequence[Event], pages: Pages) -> bool:
        """Whether anything comes behind a page; of one stream its length tells."""
        if len(self.cut) == 1:
            return len(page) == READ_PAGE
        return await anext(pages, None) is not None

    async def _pages(self, name: str) -> Pages:
        """The pages of one stream; one that is not whole is the last."""
        size = READ_PAGE if len(self.cut) == 1 else max(READ_PAGE // len(self.cut), READ_LEAST)
        last = self._passed(name)
        while True:
            page = await self._next_page(name, last, size)
            if page:
                yield page
                last = page[-1]
            if len(page) < size:
                return

    def _passed(self, name: str) -> Event | None:
        """What a stream is read behind; None = it is read from its beginning."""
        if self.by_version or self.last is None:
            return self.lasts.get(name)
        at, of = self.last.occurrence, self.last.subject_id
        return Event(occurrence=behind_in(name, at, of, backwards=self.descending))

    async def _next_page(self, name: str, last: Event | None, size: int) -> list[Event]:
        if not self.by_version:
            return await self.context.journal.read_by_occurrence(
                name,
                after=last.occurrence if last else None,
                up_to_version=self.cut[name],
                limit=size,
                backwards=self.descending,
            )
        ahead = self.descending
        return await self.context.journal.read_stream(
            name,
            after_version=0 if ahead or last is None else last.version,
            up_to_version=last.version - 1 if ahead and last is not None else self.cut[name],
            limit=size,
            backwards=ahead,
        )


def _written(first: int, last: Event) -> str:
    """A number and the place of an event, as text."""
    at = last.occurrence
    return f"{first}/{last.version}/{at.t_ms}/{at.counter}/{at.seq}/{at.installation_id}"


def _read(place: str) -> tuple[int, Event]:
    first, version, t_ms, counter, seq, installation_id = place.split("/", 5)
    at = Occurrence(
        t_ms=int(t_ms), counter=int(counter), seq=int(seq), installation_id=installation_id
    )
    return int(first), Event(version=int(version), occurrence=at)


OF_OTHERS = "The page token names subjects that are not the customer's: begin again."
