"""What a reader watches of a projection: which states, and where it goes on from."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import projections
from journey.v1.projection_service_pb2 import ProjectionState
from journey.v1.stream_pb2 import (
    RESET_REASON_FILTER_CHANGED,
    RESET_REASON_JOURNAL_REWOUND,
    RESET_REASON_PROJECTION_REBUILT,
    RESET_REASON_TOKEN_AHEAD,
    RESET_REASON_TOKEN_TOO_OLD,
    ResetReason,
)
from journey.v1.subscription_service_pb2 import WatchProjectionRequest
from journey_service.application.context import Context
from journey_service.application.states import published_row
from journey_service.application.tokens import keeps_position
from journey_service.application.view_reader import ViewStates, read_view_of_subject
from journey_service.domain.errors import FieldViolations, TokenMismatch
from journey_service.domain.identity import Principal, partition_of
from journey_service.domain.state_keys import parts_of
from journey_service.domain.tokens import Checkpoint, fingerprint
from journey_service.domain.wire_event import AnyEvent, parsed
from journey_service.ports_of_views import StateFilter
from projections.view import ONLY_KEY, DerivedView, StoredView, View

Places = Mapping[int, int]
Name = tuple[str, str]
# Subjects that are read at the same time.
READ_TOGETHER = 50
OF_EVENTS = "The checkpoint is a place among events: start with one of this call, or without."


@dataclass(frozen=True, slots=True)
class Found:
    """Exact states, and of which generation they are; 0 = of none."""

    states: Sequence[ProjectionState]
    generation: int


@dataclass(frozen=True, slots=True)
class Watched:
    """The states of a view, or those of some names (subject and key). They are those of subjects,
    as they are stored: what is one customer is merged by who reads it with GetState."""

    context: Context
    view: View
    names: frozenset[Name]

    @property
    def source(self) -> StoredView[Any]:
        """The view with the states that these are, or are made of."""
        if isinstance(self.view, StoredView):
            return self.view
        found = self.context.projected.catalogue.find(projections.JOURNEYS.name)
        return self.context.projected.stored(cast("View", found))

    @property
    def partitions(self) -> Sequence[int]:
        """Where what changes them is recorded."""
        count = self.context.journal.partition_count
        return sorted({partition_of(name[0], count) for name in self.names}) or range(count)

    @property
    def shown(self) -> int:
        """Fingerprint of what is watched."""
        names = (part for name in sorted(self.names) for part in name)
        return fingerprint("WatchProjection", self.view.name, *names)

    async def generation(self) -> int:
        """Of the states that are read now."""
        source = self.source
        return await self.context.projected.lists.generation_of(source.name, source.version)

    def checkpoint(self, places: Places, generation: int, epoch: str) -> str:
        """What was sent up to these places, which were known to be good in that epoch."""
        return self.context.tokens.seal_checkpoint(
            Checkpoint(
                epoch=epoch,
                positions=places,
                filter=self.shown,
                generation=generation,
                issued_ms=self.context.clock.now_ms(),
            )
        )

    def touched(self, event: AnyEvent) -> Collection[Name]:
        """Names of the watched states that an event changes. A fold that cannot even tell stops
        at the event, so nothing changes."""
        try:
            keys = self.source.projection.keys_of(parsed(event))
        except Exception:  # noqa: BLE001  a projection's own fault, whatever it is
            return ()
        if isinstance(self.view, DerivedView):
            keys = (ONLY_KEY,) if keys else ()
        names = {(event.subject_id, key) for key in keys}
        return names & self.names if self.names else names

    def concerns(self, event: AnyEvent) -> bool:
        """Whether an event changes any of them."""
        return bool(self.touched(event))

    async def read(self, names: Iterable[Name]) -> Found:
        """These states as of the last commit; without content where there is none."""
        keys_of: defaultdict[str, list[str]] = defaultdict(list)
        for subject_id, key in names:
            keys_of[subject_id].append(key)
        states: list[ProjectionState] = []
        generation = 0
        asked = list(keys_of.items())
        for place in range(0, len(asked), READ_TOGETHER):
            some = asked[place : place + READ_TOGETHER]
            for found, (_, keys) in zip(await self._read(some), some, strict=True):
                states += [found.state(key) for key in keys]
                generation = max(generation, found.generation)
        return Found(states, generation)

    async def _read(self, some: Iterable[tuple[str, list[str]]]) -> list[ViewStates]:
        return await asyncio.gather(
            *(
                read_view_of_subject(self.context, self.view, subject_id, keys)
                for subject_id, keys in some
            )
        )

    async def snapshot(self) -> tuple[Places, AsyncIterator[list[ProjectionState]]]:
        """All that is watched, page by page, and the places behind which it may have changed."""
        if self.names:
            # Exact, so what came before this moment is in them.
            return await self.context.journal.heads(), self._named()
        return await self.context.states.checkpoints(self.view.name), self._listed()

    async def _named(self) -> AsyncIterator[list[ProjectionState]]:
        found = await self.read(sorted(self.names))
        yield [state for state in found.states if state.WhichOneof("content")]

    async def _listed(self) -> AsyncIterator[list[ProjectionState]]:
        view = self.context.projected.stored(self.view)
        after: tuple[str, str] | None = ("", "")
        while after is not None:
            listed = await self.context.projected.lists.list_states(
                view.name,
                view.version,
                StateFilter(),
                after=after,
                limit=self.context.settings.page_size_max,
            )
            yield [await published_row(self.context, view, row) for row in listed.rows]
            after = listed.behind


def watched(context: Context, principal: Principal, request: WatchProjectionRequest) -> Watched:
    """What a request asks for. Raises ProjectionNotFound, RoleNotAllowed, FieldViolations."""
    view = context.projected.readable(principal, request.projection)
    names = frozenset(parts_of(key) for key in request.keys)
    for place, key in enumerate(request.keys):
        if not parts_of(key)[0]:
            raise FieldViolations.one(f"keys[{place}]", "names no subject")
    if isinstance(view, DerivedView) and not names:
        raise FieldViolations.one(
            "keys", f"required of {view.name}, which is made when it is read and never stored"
        )
    return Watched(context, view, names)


async def resume_places(
    context: Context, wanted: Watched, text: str
) -> tuple[Places | None, ResetReason]:
    """The places of a checkpoint to go on from, or why it cannot be. Raises TokenMismatch."""
    if not text:
        return None, ResetReason.RESET_REASON_UNSPECIFIED
    try:
        token = context.tokens.open_checkpoint(text)
    except TokenMismatch as error:
        raise TokenMismatch(error.message, field="checkpoint") from None
    if not token.generation:
        raise TokenMismatch(OF_EVENTS, field="checkpoint")
    why_not = await _why_not(context, wanted, token)
    return (None, why_not) if why_not else (token.positions, why_not)


async def _why_not(context: Context, wanted: Watched, token: Checkpoint) -> ResetReason:
    if token.filter != wanted.shown:
        return RESET_REASON_FILTER_CHANGED
    if token.generation != await wanted.generation():
        return RESET_REASON_PROJECTION_REBUILT
    for partition, position in token.positions.items():
        if not await keeps_position(context, token.epoch, partition, position):
            return RESET_REASON_JOURNAL_REWOUND
    heads = await context.journal.heads()
    behind = [heads.get(each, 0) - position for each, position in token.positions.items()]
    if any(each < 0 for each in behind):
        return RESET_REASON_TOKEN_AHEAD
    if context.clock.now_ms() - token.issued_ms > context.settings.resume_token_life_ms:
        return RESET_REASON_TOKEN_TOO_OLD
    if sum(behind) > context.settings.resume_token_events:
        return RESET_REASON_TOKEN_TOO_OLD
    return ResetReason.RESET_REASON_UNSPECIFIED
