"""Projections: read one state, list states, watch them, see how projections stand.

    state = await client.state("suppression", "mila")
    async for state in client.states("purchases", index={"sku": "tea"}): …

    async for change in client.watch_projection("suppression", "ads", store=FileCheckpoints(…)):
        for state in change.states:
            await tell(state.subject_id, state)

A watched state is handed over as it is now: of one that changes often, the latest. The place is
stored when the body is done with a change.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from journey.v1 import projection_service_pb2 as messages
from journey.v1.reading_pb2 import AsOf
from journey.v1.subscription_service_pb2 import WatchProjectionRequest
from journey_client import _methods as methods
from journey_client._calls import Ask, Calls
from journey_client._error import JourneyError
from journey_client._streams import Interrupted, reopened
from journey_client.checkpoints import CheckpointStore, MemoryCheckpoints

_PROGRESS = frozenset({"snapshot", "changes", "caught_up"})


@dataclass(slots=True)
class Change:
    """States as they stand, and keys under which there is none any more.

    `reset`: what was handed over before is void, and all states follow, of which these are the
    first. `checkpoint` is empty where more parts of the same change follow.
    """

    states: tuple[messages.ProjectionState, ...]
    removed_keys: tuple[str, ...]
    reset: bool
    checkpoint: str
    _consumer: str
    _store: CheckpointStore
    _saved: bool = False

    async def save(self, store: CheckpointStore | None = None) -> None:
        """Store the checkpoint now, instead of after the body; in `store`, if one is given, such
        as PostgresCheckpoints of the connection whose transaction is open."""
        await (store or self._store).save(self._consumer, self.checkpoint)
        self._saved = True

    async def done(self) -> None:
        """The body is done: store the checkpoint, unless it is stored."""
        if self.checkpoint and not self._saved:
            await self.save()


@dataclass(slots=True)
class WatchedProjection:
    """The states of a projection; iterate it for changes. It goes on for ever.

    `live` says whether it is level with the journal, `lag_events` how many events the service had
    not handed over by its last heartbeat (-1 = unknown), `interrupted_by` what ended the stream
    that is being opened again. Raises the JourneyError that makes further tries useless: Replaced,
    TokenMismatch, ProjectionNotFound, …
    """

    _calls: Calls
    _wanted: WatchProjectionRequest
    _store: CheckpointStore
    live: bool = False
    lag_events: int = -1
    interrupted_by: JourneyError | None = None
    checkpoint: str = ""
    _void: bool = True
    _open: list[AsyncGenerator[Change]] = field(default_factory=list)

    def __aiter__(self) -> AsyncIterator[Change]:
        """The changes, as they come."""
        changes = self._changes(frozenset({"snapshot", "changes"}))
        self._open.append(changes)
        return changes

    def told(self) -> AsyncIterator[Change]:
        """The same, and one without states whenever it becomes level."""
        changes = self._changes(_PROGRESS)
        self._open.append(changes)
        return changes

    async def _changes(self, told: frozenset[str]) -> AsyncGenerator[Change]:
        self.checkpoint = await self._store.load(self._wanted.consumer)
        frames = reopened(self._calls, methods.WATCH_PROJECTION, self._request, progress=_PROGRESS)
        async with aclosing(frames):
            async for frame in frames:
                if isinstance(frame, Interrupted):
                    self.live, self.interrupted_by = False, frame.why
                    continue
                content = frame.WhichOneof("content")
                match content:
                    case "opened":
                        self.interrupted_by = None
                        self._void = not frame.opened.resumed
                    case "reset":
                        self.live, self._void = False, True
                    case "caught_up":
                        self.live, self.lag_events = True, 0
                    case "heartbeat":
                        self.lag_events = frame.heartbeat.lag_events
                change = Change(
                    tuple(frame.snapshot.states) + tuple(frame.changes.states),
                    tuple(frame.changes.removed_keys),
                    self._void and content == "snapshot",
                    frame.checkpoint,
                    self._wanted.consumer,
                    self._store,
                )
                if content in told:
                    self._void = False
                    yield change
                await self._done(change)

    async def _done(self, change: Change) -> None:
        if change.checkpoint and change.checkpoint != self.checkpoint:
            await change.done()
            self.checkpoint = change.checkpoint

    def _request(self) -> WatchProjectionRequest:
        asked = WatchProjectionRequest()
        asked.CopyFrom(self._wanted)
        asked.checkpoint = self.checkpoint
        return asked

    async def close(self) -> None:
        """End the stream; what the body has not finished is handed over again to who comes next."""
        opened, self._open = self._open, []
        for changes in opened:
            await changes.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


class ProjectionCalls:
    """What a client can do with projections."""

    _calls: Calls

    async def projections(self) -> AsyncIterator[messages.Projection]:
        """All projections by name, and how each stands."""
        request = messages.ListProjectionsRequest()
        while True:
            answer = await self._calls.unary(methods.LIST_PROJECTIONS, _same(request))
            for projection in answer.projections:
                yield projection
            request = messages.ListProjectionsRequest(page_token=answer.next_page_token)
            if not request.page_token:
                return

    async def state(
        self, projection: str, key: str, *, at_least: str = "", as_of: AsOf | None = None
    ) -> messages.ProjectionState:
        """One state, exact; without content where nothing was folded under the key.

        `key` is the subject, and behind a slash which of its states, where there are several.
        Raises ProjectionNotFound, CustomerNotFound.
        """
        request = messages.GetStateRequest(
            projection=projection, key=key, at_least=at_least, as_of=as_of
        )
        return (await self._calls.unary(methods.GET_STATE, _same(request))).state

    async def states(
        self,
        projection: str,
        *,
        key_prefix: str = "",
        index: Mapping[str, str] | None = None,
        at_least: str = "",
    ) -> AsyncIterator[messages.ProjectionState]:
        """States as they are stored, by key, page by page; those found by all of `index`.

        Raises ProjectionNotFound, FieldViolations for fields that it does not declare, and
        ProjectionBehind where they do not contain `at_least` in time.
        """
        request = messages.ListStatesRequest(
            projection=projection,
            key_prefix=key_prefix,
            index=[
                messages.IndexMatch(field=name, value=value)
                for name, value in (index or {}).items()
            ],
            at_least=at_least,
        )
        while True:
            answer = await self._calls.unary(methods.LIST_STATES, _same(request))
            for state in answer.states:
                yield state
            request.page_token = answer.next_page_token
            if not request.page_token:
                return

    def watch_projection(
        self,
        projection: str,
        consumer: str,
        *,
        keys: Sequence[str] = (),
        store: CheckpointStore | None = None,
    ) -> WatchedProjection:
        """A projection's states (or those with `keys`, at most 100) and then the changed ones, for
        ever. `consumer` names this reader: a newer stream of its name replaces the older. It goes
        on behind the checkpoint in `store`; without one there it begins with all states."""
        request = WatchProjectionRequest(projection=projection, keys=keys, consumer=consumer)
        return WatchedProjection(self._calls, request, store or MemoryCheckpoints())

    async def retry_projection(
        self, projection: str, partitions: Sequence[int] = ()
    ) -> tuple[messages.StoppedFold, ...]:
        """Try again where it stopped, in these partitions or in all; returns where that was."""
        request = messages.RetryProjectionRequest(projection=projection, partitions=partitions)
        answer = await self._calls.unary(methods.RETRY_PROJECTION, _same(request))
        return tuple(answer.retried)

    async def skip_event(
        self, projection: str, partition: int, position: int, *, reason: str
    ) -> messages.SkippedEvent:
        """Leave out, for ever, the event at which it stopped. Raises FieldViolations where it did
        not stop there."""
        request = messages.SkipEventRequest(
            projection=projection, partition=partition, position=position, reason=reason
        )
        return (await self._calls.unary(methods.SKIP_EVENT, _same(request))).skipped


def _same(request: Ask) -> Callable[[], Ask]:
    """The same request for every try."""
    return lambda: request
