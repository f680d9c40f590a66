"""What every store does with links: events and customers are written as one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

import pytest

import projections
from journey.v1.interactions_pb2 import (
    ASSURANCE_VERIFIED,
    Interaction,
    LinkEvidence,
    LinkRejected,
)
from journey_service.domain.batch import Batch
from journey_service.domain.customers import (
    LINKED,
    Customer,
    CustomerLimits,
    Link,
    Member,
    event_id_of,
    joined,
    link_between,
    linked_event,
    rebuilt,
)
from journey_service.domain.errors import IdentityContention, VersionConflict
from journey_service.ports import Appended, SubjectSnapshot
from tests.contract.acts import NOW, Store, acts, outcomes, reports, whole
from tests.domain.samples import SYSTEM, candidate

EVIDENCE = LinkEvidence(kind=LinkEvidence.KIND_CARRIED_OVER, identifier_type="installation")
ANNA, BEA, CARA, DORA = PEOPLE = ("anna", "bea", "cara", "dora")
TRIES = 20


class Linking:
    """One try to link two subjects, on what was read at its beginning, as a sign-in does it but for
    the carts. `accounts` of them hold one."""

    def __init__(
        self, store: Store, one: str, other: str, accounts: Collection[str] = (), at_ms: int = NOW
    ) -> None:
        self._store = store
        self._at_ms = at_ms
        self._ends = (one, other)
        self._accounts = accounts
        self.before: list[Customer] = []
        self.versions: dict[str, int] = {}

    async def read(self) -> Linking:
        """Read both customers and where both streams stand."""
        for end in self._ends:
            self.versions[end] = (await self._store.journal.stream_head(end)).version
            customer = await self._store.identities.customer(end)
            if end in self._accounts:
                known = customer.member(end)
                customer = customer.with_member(Member(end, True, known.created_at_ms))
            self.before.append(customer)
        return self

    def decide(self) -> Link | LinkRejected.Reason | None:
        """What the rules say."""
        one, other = self.before
        return link_between(
            one,
            other,
            self._ends,
            evidence=EVIDENCE,
            assurance=ASSURANCE_VERIFIED,
            made_at_ms=self._at_ms,
            limits=CustomerLimits(100, 100),
        )

    async def write(self) -> list[Appended]:
        """Link them; nothing where they are linked already."""
        link = self.decide()
        if link is None:
            return []
        assert isinstance(link, Link)
        one, other = self.before
        return await self._store.identities.link(
            [self._batch(link, end) for end in self._ends],
            self.before,
            joined(one, other, link),
            [link],
        )

    def _batch(self, link: Link, end: str) -> Batch:
        one, other = self.before
        told = Interaction(
            event_id=event_id_of(link.link_id, end),
            subjects_linked=linked_event(one, other, link),
        )
        return Batch(
            subject_id=end,
            installation_id="",
            candidates=(candidate(told),),
            received_ms=self._at_ms,
            actor=SYSTEM,
            sequenced=False,
            atomic=True,
            expected_version=self.versions[end],
        )


async def link(store: Store, one: str, other: str, *accounts: str) -> list[Appended]:
    """Link two subjects, deciding anew when they moved."""
    for _ in range(TRIES):
        linking = await Linking(store, one, other, accounts).read()
        try:
            return await linking.write()
        except (IdentityContention, VersionConflict):
            continue
    raise AssertionError(f"{one} and {other} were never linked")


async def started(store: Store, *people: str) -> None:
    """Each has a stream."""
    for person in people or PEOPLE:
        await store.journal.append(reports(1, subject=person))


async def snapshot(store: Store, subject_id: str) -> SubjectSnapshot:
    """A subject as readers get it."""
    await store.states.register(projections.JOURNEYS.name, projections.JOURNEYS.version)
    return await store.states.read_subject(projections.JOURNEYS.name, subject_id)


async def links_told(store: Store, subject_id: str) -> list[str]:
    """Ids of the links that its stream tells of."""
    events = await whole(store.journal, subject_id)
    return [e.interaction.subjects_linked.link_id for e in events if e.type == LINKED]


async def check_one_customer(store: Store, *people: str) -> Customer:
    """All of them, and nobody else, are one customer, whoever asks for it; the events alone say
    the same."""
    customers = [await store.identities.customer(person) for person in people]
    assert all(customer == customers[0] for customer in customers)
    assert customers[0].subject_ids == tuple(sorted(people))
    for person in people:
        seen = await snapshot(store, person)
        assert (tuple(seen.members), seen.membership) == (
            customers[0].subject_ids,
            customers[0].membership,
        )
        assert seen.member == customers[0].member(person)
    events = [event for person in people for event in await whole(store.journal, person)]
    assert rebuilt(events) == dict.fromkeys(sorted(people), customers[0])
    return customers[0]


async def check_nothing_linked(store: Store, *people: str) -> None:
    """Neither events nor customers."""
    for person in people:
        assert await links_told(store, person) == []
        assert (await store.identities.customer(person)).subject_ids == (person,)
        seen = await snapshot(store, person)
        assert (tuple(seen.members), seen.membership) == ((), 0)


class CustomersContract:
    """Links between subjects, and the customers that they make."""

    async def test_who_is_linked_to_nobody_is_a_customer_of_one(self, store: Store) -> None:
        await started(store, ANNA)
        [first] = await whole(store.journal, ANNA)
        customer = await store.identities.customer(ANNA)
        assert customer == Customer((Member(ANNA, False, first.recorded_at_ms),))
        assert await store.identities.customer("nobody") == Customer((Member("nobody"),))

    async def test_two_that_are_linked_are_one_customer_for_every_reader(
        self, store: Store
    ) -> None:
        await started(store, ANNA, BEA)
        appended = await link(store, ANNA, BEA)
        assert [each.version for each in appended] == [2, 2]
        customer = await check_one_customer(store, ANNA, BEA)
        [made] = customer.links
        assert await links_told(store, ANNA) == await links_told(store, BEA) == [made.link_id]
        assert (made.pair, made.made_at_ms, made.assurance) == (
            (ANNA, BEA),
            NOW,
            ASSURANCE_VERIFIED,
        )
        # What it rests on stands in the event alone.
        assert made.evidence == LinkEvidence(kind=EVIDENCE.kind)

    async def test_a_chain_of_three_is_one_customer_led_by_its_account(self, store: Store) -> None:
        await started(store, ANNA, BEA, CARA)
        await link(store, ANNA, BEA)
        assert (await store.identities.customer(BEA)).customer_id == ANNA
        await link(store, BEA, CARA, CARA)
        customer = await check_one_customer(store, ANNA, BEA, CARA)
        assert customer.customer_id == CARA
        assert [len(await links_told(store, one)) for one in (ANNA, BEA, CARA)] == [1, 2, 1]

    async def test_a_stream_may_begin_with_its_link(self, store: Store) -> None:
        await started(store, ANNA)
        await link(store, ANNA, BEA, BEA)
        customer = await check_one_customer(store, ANNA, BEA)
        assert customer.member(BEA) == Member(BEA, True, NOW)
        assert (await store.journal.stream_head(BEA)).version == 1

    async def test_the_same_pair_is_linked_once_in_whichever_order_it_is_named(
        self, store: Store
    ) -> None:
        await started(store, ANNA, BEA)
        assert len(await link(store, BEA, ANNA)) == 2
        before = await check_one_customer(store, ANNA, BEA)
        assert await link(store, BEA, ANNA) == await link(store, ANNA, BEA) == []
        assert await check_one_customer(store, ANNA, BEA) == before

    async def test_the_same_call_repeated_gets_its_first_answer(self, store: Store) -> None:
        await started(store, ANNA, BEA)
        linking = await Linking(store, ANNA, BEA).read()
        first = await linking.write()
        again = await linking.write()
        assert all(each.results[0].duplicate for each in again)
        assert [each.version for each in again] == [each.version for each in first]
        assert (await check_one_customer(store, ANNA, BEA)).membership == 1

    async def test_another_proof_between_members_is_one_more_link(self, store: Store) -> None:
        await started(store, ANNA, BEA, CARA)
        await link(store, ANNA, BEA)
        await link(store, BEA, CARA)
        await link(store, CARA, ANNA)
        customer = await check_one_customer(store, ANNA, BEA, CARA)
        assert (len(customer.links), customer.membership) == (3, 3)

    async def test_a_link_that_another_one_overtook_is_refused_whole(self, store: Store) -> None:
        await started(store)
        await link(store, ANNA, BEA)
        slow = await Linking(store, ANNA, CARA).read()
        # Neither of the two ends moves, but a member of one side does.
        await link(store, BEA, DORA)
        with pytest.raises(IdentityContention):
            await slow.write()
        await check_nothing_linked(store, CARA)
        await check_one_customer(store, ANNA, BEA, DORA)

    async def test_what_was_read_of_one_customer_before_and_after_it_moved_is_refused(
        self, store: Store
    ) -> None:
        await started(store)
        await link(store, ANNA, BEA)
        await link(store, BEA, CARA)
        early = await store.identities.customer(ANNA)
        await link(store, BEA, DORA)
        torn = await Linking(store, ANNA, CARA).read()
        torn.before[0] = early
        with pytest.raises(IdentityContention):
            await torn.write()
        assert (await check_one_customer(store, *PEOPLE)).membership == 3

    async def test_a_link_whose_stream_moved_is_refused_whole(self, store: Store) -> None:
        await started(store, ANNA, BEA)
        slow = await Linking(store, ANNA, BEA).read()
        await store.journal.append(acts(1, subject=BEA))
        with pytest.raises(VersionConflict) as refused:
            await slow.write()
        assert (refused.value.subject_id, refused.value.current_version) == (BEA, 2)
        await check_nothing_linked(store, ANNA, BEA)

    async def test_links_that_race_with_appends_are_made_once_and_nothing_is_lost(
        self, store: Store
    ) -> None:
        await started(store, ANNA, BEA)
        appends = [
            store.journal.append(reports(number, subject=person))
            for number in range(2, 8)
            for person in (ANNA, BEA)
        ]
        found = await outcomes([link(store, ANNA, BEA), *appends, link(store, BEA, ANNA)])
        assert not [each for each in found if isinstance(each, BaseException)]
        customer = await check_one_customer(store, ANNA, BEA)
        assert customer.membership == 1
        for person in (ANNA, BEA):
            events = await whole(store.journal, person)
            assert [event.version for event in events] == [*range(1, 9)]

    async def test_a_snapshot_names_the_members_from_the_event_on(self, store: Store) -> None:
        await started(store, ANNA, BEA)
        linking = asyncio.create_task(link(store, ANNA, BEA))
        seen: list[SubjectSnapshot] = []
        while not seen or not seen[-1].members:
            await asyncio.sleep(0)
            seen.append(await snapshot(store, BEA))
        await linking
        for each in seen:
            told = any(event.type == LINKED for event in each.tail)
            assert (ANNA in each.members) == told


__all__: Sequence[str] = [
    "ANNA",
    "BEA",
    "CARA",
    "DORA",
    "PEOPLE",
    "CustomersContract",
    "Linking",
    "check_nothing_linked",
    "check_one_customer",
    "link",
    "links_told",
    "snapshot",
    "started",
]
