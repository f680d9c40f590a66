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
from dataclasses import dataclass

from journey.v1 import projection_service_pb2 as messages
from journey.v1.reading_pb2 import AsOf
from journey.v1.subscription_service_pb2 import WatchProjectionRequest
from journey_client import _methods as methods
from journey_client._calls import Ask, Calls
from journey_client._pieces import Piece, Pieces
from journey_client._streams import Interrupted, reopened
from journey_client.checkpoints import CheckpointStore, MemoryCheckpoints

_PROGRESS = frozenset({"snapshot", "changes", "caught_up"})


@dataclass(slots=True)
class Change(Piece):
    """States as they stand, and keys under which there is none any more.

    `reset`: what was handed over before is void, and all states follow, of which these are the
    first. `checkpoint` is empty where more parts of the same change follow.
    """

    states: tuple[messages.ProjectionState, ...]
    removed_keys: tuple[str, ...]
    reset: bool


@dataclass(slots=True)
class WatchedProjection(Pieces[Change]):
    """The states of a projection; iterate it for changes. It goes on for ever.

    `live` says whether it is level with the journal, `lag_events` how many events the service had
    not handed over by its last heartbeat (-1 = unknown), `interrupted_by` what ended the stream
    that is being opened again. Raises the JourneyError that makes further tries useless: Replaced,
    TokenMismatch, ProjectionNotFound, …
    """

    _wanted: WatchProjectionRequest
    _void: bool = True

    def __aiter__(self) -> AsyncIterator[Change]:
        """The changes, as they come."""
        return self._begun(self._changes(frozenset({"snapshot", "changes"})))

    def told(self) -> AsyncIterator[Change]:
        """The same, and one without states whenever it becomes level."""
        return self._begun(self._changes(_PROGRESS))

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
                    frame.checkpoint,
                    self._wanted.consumer,
                    self._store,
                    tuple(frame.snapshot.states) + tuple(frame.changes.states),
                    tuple(frame.changes.removed_keys),
                    self._void and content == "snapshot",
                )
                if content in told:
                    self._void = False
                    yield change
                await self._done(change)

    def _request(self) -> WatchProjectionRequest:
        asked = WatchProjectionRequest()
        asked.CopyFrom(self._wanted)
        asked.checkpoint = self.checkpoint
        return asked


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
