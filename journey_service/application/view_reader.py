"""Exact states of a view for one subject: what is stored, and the events behind it, folded.

The journeys are read as everybody else reads them, by reader.py. Of the others nothing is
remembered between reads.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

import projections
from journey.v1.events_pb2 import Event
from journey.v1.projection_service_pb2 import ProjectionState
from journey_service.application.context import Context
from journey_service.application.reader import SubjectView
from journey_service.domain.state_keys import state_key
from journey_service.ports import SubjectSnapshot
from projections.view import ONLY_KEY, DerivedView, Published, StoredView, View


@dataclass(frozen=True, slots=True)
class ViewStates:
    """States of a subject by key, as published, at a version of its stream.

    `stopped` is the event that could not be folded, which ends what they hold; None = there is
    none, and they are as fresh as the last commit.
    """

    subject_id: str
    version: int
    generation: int
    shown: Mapping[str, ProjectionState] = field(default_factory=dict)
    stopped: Event | None = None
    head: int = 0

    def state(self, key: str) -> ProjectionState:
        """The state of a key; without content where there is none."""
        nothing = ProjectionState(key=state_key(self.subject_id, key), subject_id=self.subject_id)
        return self.shown.get(key, nothing)


async def read_view(
    context: Context, view: View, subject_id: str, keys: Collection[str] | None = None
) -> ViewStates:
    """The subject's states with these keys (None = all) as of the last commit. EventUnreadable."""
    if isinstance(view, DerivedView) or view.projection is projections.JOURNEYS:
        found = await context.reader.read(subject_id)
        return of_journeys(view, found.view, keys, context.clock.now_ms())
    snapshot = await context.states.read_subject(view.name, subject_id, keys=keys)
    return await _of_snapshot(context, view, subject_id, snapshot, keys)


def of_journeys(
    view: View, found: SubjectView, keys: Collection[str] | None, now_ms: int
) -> ViewStates:
    """The states of a view that is the journeys, or is made of them, at a time."""
    shown: dict[str, ProjectionState] = {}
    if isinstance(view, DerivedView):
        if found.version:
            made = view.derive(found.published(now_ms), now_ms)
            shown[ONLY_KEY] = shown_state(found.subject_id, ONLY_KEY, made)
    else:
        for key in found.folds.keys() & (found.folds.keys() if keys is None else set(keys)):
            journey = found.publish(key, now_ms)
            shown[key] = shown_state(found.subject_id, key, journey, journey.updated_at_ms)
    return ViewStates(found.subject_id, found.version, found.generation, shown, head=found.version)


async def _of_snapshot(
    context: Context,
    view: StoredView[Any],
    subject_id: str,
    snapshot: SubjectSnapshot,
    keys: Collection[str] | None,
) -> ViewStates:
    skipped = frozenset[int]()
    states, stopped = _folded(view, snapshot, skipped)
    if stopped is not None:
        told = await context.projected.stops.skipped(view.name, view.version, [stopped.partition])
        skipped = frozenset(each.position for each in told)
        states, stopped = _folded(view, snapshot, skipped)
    shown = {
        key: shown_state(subject_id, key, view.publish(state), view.updated_at_ms(state))
        for key, state in states.items()
        if keys is None or key in keys
    }
    version = snapshot.head.version if stopped is None else stopped.version - 1
    return ViewStates(
        subject_id, version, snapshot.generation, shown, stopped, snapshot.head.version
    )


def _folded(
    view: StoredView[Any], snapshot: SubjectSnapshot, skipped: Collection[int]
) -> tuple[dict[str, Any], Event | None]:
    """The states up to the event that cannot be folded, and that event, None = there is none.

    What was told to be skipped is left out where it stops the fold.
    """
    without = set[int]()
    end = len(snapshot.tail)
    stopped = None
    while True:
        states = {key: view.projection.parse(state) for key, state in snapshot.states.items()}
        faulty = _fold_up_to(view, states, snapshot.tail[:end], without)
        if faulty is None:
            return states, stopped
        if faulty.position in skipped:
            without.add(faulty.position)
        else:
            stopped = faulty
            end = snapshot.tail.index(faulty)


def _fold_up_to(
    view: StoredView[Any], states: dict[str, Any], events: Collection[Event], without: set[int]
) -> Event | None:
    for event in events:
        if event.position in without:
            continue
        try:
            view.projection.fold_event(states, event)
        except Exception:  # noqa: BLE001  a fold's own fault, whatever it is
            return event
    return None


def shown_state(
    subject_id: str, key: str, published: Published, updated_at_ms: int = 0
) -> ProjectionState:
    """A published state as callers get it."""
    state = ProjectionState(
        key=state_key(subject_id, key), subject_id=subject_id, updated_at_ms=updated_at_ms
    )
    if isinstance(published, Message):
        state.message.Pack(published, deterministic=True)
    else:
        state.json = json.dumps(
            published, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
    return state
