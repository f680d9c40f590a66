"""Exact states of customers: what is stored, joined with the events behind it, remembered.

A remembered customer costs one small query per member and read: the events behind the versions it
stands at; nothing where those were delivered. All members are read until their snapshots agree on
who is one.

Folds are idempotent, so two reads that fetch the same events do no harm. While a read waits, others
may bring the remembered view forward or crowd it out, so what came is joined with what is there
then; where the two do not fit it is read again.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import projections
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import JourneyFold
from journey_service.application.customer_view import CustomerView, Folds
from journey_service.domain.batch import Stamp
from journey_service.domain.customers import Customer, Member
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.leases import LeaseRow
from journey_service.ports import Sessions, States, SubjectSnapshot

# By member.
Snapshots: TypeAlias = Mapping[str, SubjectSnapshot]


@dataclass(frozen=True, slots=True)
class ExactRead:
    """A view that is as fresh as the last commit, with what was read in the same snapshots.

    `processed` are the watermarks of the installation asked for, by member, the one asked for
    first. `leases` are those that have not ended, by key; `own_leases` those of the member asked
    for. `narrow`: the view is what an unproved device may see of a customer with an account.
    """

    view: CustomerView
    processed: Mapping[str, int]
    leases: Mapping[str, LeaseRow] = field(default_factory=dict)
    own_leases: Mapping[str, LeaseRow] = field(default_factory=dict)
    narrow: bool = False

    @property
    def processed_seq(self) -> int:
        """The watermark in the stream of the member asked for; 0 = none."""
        return self.processed[self.view.subject_id]


class Reader:
    """Reads customers exactly; remembers the latest `capacity` of them."""

    def __init__(
        self,
        states: States,
        sessions: Sessions,
        *,
        capacity: int,
        epoch: Callable[[], str] = lambda: "",
    ) -> None:
        """`epoch` tells the journal's: what was remembered in another one may never have been."""
        self._states = states
        self._sessions = sessions
        self._capacity = capacity
        self._epoch_now = epoch
        self._epoch = epoch()
        self._views: OrderedDict[str, CustomerView] = OrderedDict()
        # By subject, how many reads of it were in vain and are under way again.
        self._reading_again: Counter[str] = Counter()

    async def read(
        self, subject_id: str, *, installation_id: str = "", proved_only: bool = False
    ) -> ExactRead:
        """The customer of a subject as of the last commit; one round trip, one more for members
        that are new here, and one where devices are unknown.

        `proved_only`: for a device, which sees the whole customer only as the one who holds its
        account (see `is_shared`).
        """
        found = await self._read(subject_id, installation_id, proved_only=proved_only)
        if found is None:
            with self._held(subject_id):
                while found is None:
                    found = await self._read(subject_id, installation_id, proved_only=proved_only)
        return found

    async def _read(
        self, subject_id: str, installation_id: str, *, proved_only: bool
    ) -> ExactRead | None:
        """The same; None where something came between, so that it must be read again."""
        epoch = self._epoch_in_force()
        remembered = self._views.get(subject_id)
        asked = dict(remembered.versions) if remembered else {}
        try:
            snapshots = await self._snapshots(subject_id, asked, installation_id)
        except EventUnreadable:
            if not asked:
                raise
            # The states may be past the damaged event, if that was told to be skipped.
            self._views.pop(subject_id, None)
            return None
        if epoch != self._epoch_in_force():
            # The connection of this read, or of another, brought the news.
            return None
        # Crowded out meanwhile it is still what the snapshots go on from.
        view = self._views.get(subject_id, remembered)
        view = self._bring_forward(subject_id, view, snapshots, asked)
        if view is None or not await self._is_named(view):
            return None
        return _told(view, snapshots, proved_only=proved_only)

    @contextmanager
    def _held(self, subject_id: str) -> Iterator[None]:
        """Who read in vain is not overtaken again by what is delivered, while this is open: that
        comes as soon as it is committed, and an answer later."""
        self._reading_again[subject_id] += 1
        try:
            yield
        finally:
            self._reading_again[subject_id] -= 1
            if not self._reading_again[subject_id]:
                del self._reading_again[subject_id]

    def bring_forward(self, subject_id: str, events: Sequence[Event]) -> CustomerView | None:
        """The remembered view of a subject that is linked to nobody, with events that were just
        committed and delivered; None where it would not stand at the last of them, exactly, or is
        not to be moved."""
        view = self._views.get(subject_id)
        if view is None or len(view.versions) > 1 or self._epoch != self._epoch_now():
            return None
        if subject_id in self._reading_again:
            return None
        if {event.subject_id for event in events} != {subject_id}:
            return None
        fresh = [event for event in events if event.version > view.version]
        if events[-1].version < view.version or not _is_next(view, fresh):
            return None
        view.apply(fresh)
        for event in fresh:
            happened = event.occurrence
            view.floor = max(view.floor, Stamp(happened.t_ms, happened.counter))
        self._remember(view)
        return view if view.knows_its_devices() else None

    def remembered_members(self, subject_id: str) -> tuple[str, ...]:
        """The members of its customer when that was last read here; itself where it was not."""
        view = self._views.get(subject_id)
        return view.members if view is not None else (subject_id,)

    def _epoch_in_force(self) -> str:
        """The journal's; where it is another one than before, all is forgotten (rule R6)."""
        if self._epoch != self._epoch_now():
            self._epoch = self._epoch_now()
            self._views.clear()
        return self._epoch

    # --- snapshots --------------------------------------------------------------------------------

    async def _snapshots(
        self, subject_id: str, asked: Mapping[str, int], installation_id: str
    ) -> Snapshots:
        """Of the subject and those that were known to be its customer, and of whom it names beside.

        `asked` are the versions to go on from.
        """
        if len(asked) > 1:
            found = await self._each(asked, asked, installation_id)
        else:
            found = {subject_id: await self._one(subject_id, asked, installation_id)}
        beside = found[subject_id].members
        if len(beside) > len(found):
            beside = [member for member in beside if member not in found]
            found |= await self._each(beside, {}, installation_id)
        return found

    async def _each(
        self, members: Iterable[str], asked: Mapping[str, int], installation_id: str
    ) -> dict[str, SubjectSnapshot]:
        reads = {member: self._one(member, asked, installation_id) for member in members}
        return dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))

    def _one(
        self, member: str, asked: Mapping[str, int], installation_id: str
    ) -> Awaitable[SubjectSnapshot]:
        return self._states.read_subject(
            projections.JOURNEYS.name,
            member,
            cached_version=asked.get(member),
            installation_id=installation_id,
        )

    # --- views ------------------------------------------------------------------------------------

    def _bring_forward(
        self,
        subject_id: str,
        view: CustomerView | None,
        snapshots: Snapshots,
        asked: Mapping[str, int],
    ) -> CustomerView | None:
        """The view as of the snapshots; None where it must be read again.

        `asked` are the versions that the snapshots were asked to go on from. A view that is ahead
        of one would be newer than the watermark in it.
        """
        own = snapshots[subject_id]
        if view is None or not _goes_on(view, own, snapshots):
            if asked and self._is_void(view, own, snapshots, asked):
                self._views.pop(subject_id, None)
                return None
            if not _is_one_customer(own, snapshots):
                return None
            view = _with_stored(subject_id, view, snapshots, asked)
            if view is None or _is_ahead(view, snapshots):
                return None
        for member, snapshot in snapshots.items():
            view.versions.setdefault(member, 0)
            if snapshot.tail:
                view.apply(snapshot.tail)
            view.floor = max(view.floor, snapshot.head.floor)
        if own.membership != view.customer.membership:
            view.customer = _customer(snapshots)
        if own.head.version:
            self._remember(view)
        return view

    @staticmethod
    def _is_void(
        view: CustomerView | None,
        own: SubjectSnapshot,
        snapshots: Snapshots,
        asked: Mapping[str, int],
    ) -> bool:
        """Whether the journal was rewound, what is remembered was folded by another fold, or a
        member has left."""
        if view is not None and view.generation != own.generation:
            return True
        if len(asked) > 1 and not asked.keys() <= set(own.members):
            return True
        return any(snapshots[member].head.version < version for member, version in asked.items())

    def _remember(self, view: CustomerView) -> None:
        self._views[view.subject_id] = view
        self._views.move_to_end(view.subject_id)
        while len(self._views) > self._capacity:
            self._views.popitem(last=False)

    # --- devices ----------------------------------------------------------------------------------

    async def _is_named(self, view: CustomerView) -> bool:
        """Whether all devices in a view are known, and it stands where it stood when they were
        looked up."""
        if view.knows_its_devices():
            return True
        epoch, versions = self._epoch, dict(view.versions)
        await self.name_devices(view)
        return view.versions == versions and epoch == self._epoch_in_force()

    async def name_devices(self, view: CustomerView, members: Collection[str] = ()) -> None:
        """Look up which device each installation of the view's members, or of these, is on; where
        they know it differently, the one that was asked for is right."""
        others = (member for member in members or view.members if member != view.subject_id)
        found = await asyncio.gather(
            *(self._sessions.devices_of(member) for member in (*others, view.subject_id))
        )
        view.name_devices(
            {key: device.device_id for devices in found for key, device in devices.items()}
        )


def is_shared(view: CustomerView) -> bool:
    """Whether a device that is known as this subject shares journeys with an account that it has
    not proved: it sees those alone in which it has a part."""
    customer = view.customer
    own = customer.member(view.subject_id)
    return not own.registered and any(member.registered for member in customer.members)


def _told(view: CustomerView, snapshots: Snapshots, *, proved_only: bool) -> ExactRead:
    own = snapshots[view.subject_id]
    if len(snapshots) == 1:
        return ExactRead(view, {view.subject_id: own.processed_seq}, own.leases, own.leases)
    processed = {view.subject_id: own.processed_seq} | {
        member: snapshot.processed_seq for member, snapshot in snapshots.items()
    }
    leases = _leases(own, snapshots)
    if not (proved_only and is_shared(view)):
        return ExactRead(view, processed, leases, own.leases)
    narrow = view.narrowed()
    shown = {key: row for key, row in leases.items() if key in narrow.folds}
    alone = {view.subject_id: own.processed_seq}
    return ExactRead(narrow, alone, shown | dict(own.leases), own.leases, narrow=True)


def _leases(own: SubjectSnapshot, snapshots: Snapshots) -> Mapping[str, LeaseRow]:
    """Of all members; where several hold one of the same journey, its own counts, else the one that
    lasts longest."""
    found: dict[str, LeaseRow] = {}
    for _, snapshot in sorted(snapshots.items()):
        for key, row in snapshot.leases.items():
            if key not in found or found[key].until_ms < row.until_ms:
                found[key] = row
    return found | dict(own.leases)


def _goes_on(view: CustomerView, own: SubjectSnapshot, snapshots: Snapshots) -> bool:
    """Whether a subject that is linked to nobody stands where the view does, or a little further:
    nearly every read."""
    return (
        len(snapshots) == len(view.versions) == 1
        and not own.members
        and view.generation == own.generation
        and own.folded_version <= view.version <= own.head.version
    )


def _is_next(view: CustomerView, events: Sequence[Event]) -> bool:
    """Whether these events of its one stream follow the view without a gap."""
    return all(event.version == view.version + nth for nth, event in enumerate(events, 1))


def _is_ahead(view: CustomerView, snapshots: Snapshots) -> bool:
    """Whether a view holds what happened after the snapshots."""
    return any(
        view.versions.get(member, 0) > snapshot.head.version
        for member, snapshot in snapshots.items()
    )


def _is_one_customer(own: SubjectSnapshot, snapshots: Snapshots) -> bool:
    """Whether all snapshots are of one customer, whole, and of one fold: while subjects are linked,
    one may be read before and another after."""
    if not own.members:
        return len(snapshots) == 1
    agreed = (own.membership, own.generation)
    return snapshots.keys() == set(own.members) and all(
        (snapshot.membership, snapshot.generation) == agreed for snapshot in snapshots.values()
    )


def _customer(snapshots: Snapshots) -> Customer:
    """Who they are; without links."""
    members = (
        snapshot.member or Member(subject_id) for subject_id, snapshot in sorted(snapshots.items())
    )
    return Customer(tuple(members), membership=max(one.membership for one in snapshots.values()))


def _with_stored(
    subject_id: str, view: CustomerView | None, snapshots: Snapshots, asked: Mapping[str, int]
) -> CustomerView | None:
    """The view with what the snapshots hold of states that it is behind of; None where only the
    events behind those came."""
    known = view.versions if view is not None else {}
    ahead = {
        member: snapshot
        for member, snapshot in snapshots.items()
        if snapshot.folded_version > known.get(member, 0)
    }
    if any(asked.get(member) == snapshot.folded_version for member, snapshot in ahead.items()):
        return None
    generation = snapshots[subject_id].generation
    if view is None or view.generation != generation or len(ahead) == len(snapshots):
        view, ahead = CustomerView(subject_id, generation), dict(snapshots)
    if ahead:
        view.join(
            {member: snapshot.folded_version for member, snapshot in ahead.items()},
            [_folds(snapshot) for snapshot in ahead.values()],
        )
    return view


def _folds(snapshot: SubjectSnapshot) -> Folds:
    return {key: JourneyFold.FromString(state) for key, state in snapshot.states.items()}
