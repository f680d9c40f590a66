"""Exact states of a view for one customer: what is stored, and the events behind it, folded.

Of each member what is stored and the events behind it ─▶ folded ─▶ merged ─▶ published once.

The journeys are read as everybody else reads them, by reader.py. Of the others nothing is
remembered between reads.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

import projections
from journey.v1.events_pb2 import Event
from journey.v1.projection_service_pb2 import ProjectionState
from journey_service.application.context import Context
from journey_service.application.customer_view import CustomerView
from journey_service.application.customers import customer_of, sees_proved_only
from journey_service.domain.customers import Customer
from journey_service.domain.identity import Principal
from journey_service.domain.state_keys import state_key
from journey_service.ports import SubjectSnapshot
from projections.view import ONLY_KEY, DerivedView, Published, StoredView, View


@dataclass(frozen=True, slots=True)
class ViewStates:
    """States of a customer by key, as published, at versions of its members' streams.

    `subject_id` names the customer: the lead's. `stopped` is the event that could not be folded,
    which ends what they hold of its stream; None = there is none, and they are as fresh as the last
    commit. `recorded`: how many events there are of the customer.
    """

    subject_id: str
    versions: Mapping[str, int]
    generation: int
    shown: Mapping[str, ProjectionState] = field(default_factory=dict)
    stopped: Event | None = None
    recorded: int = 0

    def state(self, key: str) -> ProjectionState:
        """The state of a key; without content where there is none."""
        nothing = ProjectionState(key=state_key(self.subject_id, key), subject_id=self.subject_id)
        return self.shown.get(key, nothing)


@dataclass(frozen=True, slots=True)
class MemberStates:
    """What a view folded of one member, by key, up to `version` of its stream."""

    subject_id: str
    states: Mapping[str, Any]
    version: int
    stopped: Event | None = None


async def read_view(
    context: Context,
    principal: Principal,
    view: View,
    subject_id: str,
    keys: Collection[str] | None = None,
) -> ViewStates:
    """The states of the subject's customer with these keys (None = all) as of the last commit, as
    far as the caller may see it. Raises EventUnreadable."""
    if isinstance(view, DerivedView) or view.projection is projections.JOURNEYS:
        proved_only = sees_proved_only(principal)
        found = (await context.reader.read(subject_id, proved_only=proved_only)).view
        lead = found.customer.customer_id
        return of_journeys(view, found, lead, keys, context.clock.now_ms())
    own = await context.states.read_subject(view.name, subject_id, keys=keys)
    if len(own.members) <= 1:
        return await _of_snapshots(context, view, subject_id, {subject_id: own}, keys)
    while True:
        customer = await customer_of(context, principal, subject_id)
        snapshots = {
            name: await context.states.read_subject(view.name, name, keys=keys)
            for name in customer.subject_ids
        }
        if _agree(customer, snapshots.values()):
            return await _of_snapshots(context, view, customer.customer_id, snapshots, keys)


def _agree(customer: Customer, snapshots: Collection[SubjectSnapshot]) -> bool:
    """Whether snapshots are of one generation and of the whole customer, as it was read; of who
    sees its own subject alone nobody else's are wanted."""
    members = list(customer.subject_ids)
    whole = len(members) == 1 or all(list(each.members) == members for each in snapshots)
    return whole and len({each.generation for each in snapshots}) == 1


async def read_view_of_subject(
    context: Context, view: View, subject_id: str, keys: Collection[str]
) -> ViewStates:
    """The same of one subject alone, whoever is one customer with it. EventUnreadable."""
    if isinstance(view, StoredView) and view.projection is not projections.JOURNEYS:
        own = await context.states.read_subject(view.name, subject_id, keys=keys)
        return await _of_snapshots(context, view, subject_id, {subject_id: own}, keys)
    found = (await context.reader.read(subject_id)).view
    if len(found.versions) > 1:
        found = await _alone(context, subject_id)
    return of_journeys(view, found, subject_id, keys, context.clock.now_ms())


async def _alone(context: Context, subject_id: str) -> CustomerView:
    """The journeys of one subject, of which nothing is remembered."""
    stored = await context.states.read_subject(projections.JOURNEYS.name, subject_id)
    folds = {key: projections.JOURNEYS.parse(state) for key, state in stored.states.items()}
    versions = {subject_id: stored.folded_version}
    view = CustomerView(subject_id, stored.generation, versions, folds=folds)
    view.apply(stored.tail)
    await context.reader.name_devices(view)
    return view


def of_journeys(
    view: View, found: CustomerView, lead: str, keys: Collection[str] | None, now_ms: int
) -> ViewStates:
    """The states of a view that is the journeys, or is made of them, at a time."""
    recorded = sum(found.versions.values())
    shown: dict[str, ProjectionState] = {}
    if isinstance(view, DerivedView):
        if recorded:
            made = view.derive(found.published(now_ms), now_ms)
            shown[ONLY_KEY] = shown_state(lead, ONLY_KEY, made)
    else:
        for key in found.folds.keys() & (found.folds.keys() if keys is None else set(keys)):
            journey = found.publish(key, now_ms)
            shown[key] = shown_state(lead, key, journey, journey.updated_at_ms)
    return ViewStates(lead, dict(found.versions), found.generation, shown, recorded=recorded)


async def _of_snapshots(
    context: Context,
    view: StoredView[Any],
    lead: str,
    snapshots: Mapping[str, SubjectSnapshot],
    keys: Collection[str] | None,
) -> ViewStates:
    members = [await _of_member(context, view, *each) for each in snapshots.items()]
    return ViewStates(
        lead,
        {member.subject_id: member.version for member in members},
        max(each.generation for each in snapshots.values()),
        published_together(view, lead, [member.states for member in members], keys),
        next((member.stopped for member in members if member.stopped is not None), None),
        sum(each.head.version for each in snapshots.values()),
    )


def published_together(
    view: StoredView[Any],
    lead: str,
    members: Iterable[Mapping[str, Any]],
    keys: Collection[str] | None = None,
) -> dict[str, ProjectionState]:
    """The states of members, by key, merged and published once, with these keys (None = all)."""
    merged: dict[str, Any] = {}
    for states in members:
        for key, state in states.items():
            if keys is None or key in keys:
                known = merged.get(key)
                merged[key] = state if known is None else view.projection.merge(known, state)
    return {
        key: shown_state(lead, key, view.publish(state), view.updated_at_ms(state))
        for key, state in merged.items()
    }


async def _of_member(
    context: Context, view: StoredView[Any], subject_id: str, snapshot: SubjectSnapshot
) -> MemberStates:
    states, stopped = _folded(view, snapshot, frozenset())
    if stopped is not None:
        told = await context.projected.stops.skipped(view.name, view.version, [stopped.partition])
        states, stopped = _folded(view, snapshot, {each.position for each in told})
    version = snapshot.head.version if stopped is None else stopped.version - 1
    return MemberStates(subject_id, states, version, stopped)


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
