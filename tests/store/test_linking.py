import asyncio
from collections.abc import AsyncIterator

import pytest

from journey_service.domain.errors import IdentityContention
from journey_service.settings import Settings
from journey_service.store.postgres import PostgresStore
from journey_service.store.postgres.verify import Finding
from tests.contract.acts import reports, versions, whole
from tests.contract.customers import (
    ANNA,
    BEA,
    CARA,
    PEOPLE,
    Linking,
    check_nothing_linked,
    check_one_customer,
    link,
    started,
)
from tests.postgres import Connection, RoleDsn, new_data_dir
from tests.store.databases import carry_out, connected
from tests.store.opening import MASTER_KEYS, open_store
from tests.store.wire import Cut, Wire, executing, saying

Stores = tuple[PostgresStore, PostgresStore]
# What a link says on its way, and when it is cut there.
PHASES = {
    "members locked": (executing("FOR UPDATE OF members"), Cut.BEFORE),
    "commit never arrives": (saying("COMMIT"), Cut.BEFORE),
    "commit unanswered": (saying("COMMIT"), Cut.AFTER),
}


@pytest.fixture
async def wire(database_as: RoleDsn) -> AsyncIterator[Wire]:
    with new_data_dir() as folder:
        folder.mkdir()
        wire = Wire(folder, database_as("application"))
        async with wire.open():
            yield wire


@pytest.fixture
async def store(wire: Wire) -> AsyncIterator[PostgresStore]:
    settings = Settings(pool_read_wait_ms=5_000)
    async with await PostgresStore.open(wire.dsn(), MASTER_KEYS, settings=settings) as opened:
        await started(opened, ANNA, BEA)
        yield opened


@pytest.fixture
async def stores(database_as: RoleDsn) -> AsyncIterator[Stores]:
    async with open_store(database_as) as first, open_store(database_as) as second:
        yield first, second


async def until_somebody_waits(looking: Connection) -> None:
    """For a lock, in this database."""
    async with asyncio.timeout(10):
        while not await looking.fetchval(  # noqa: ASYNC110  nobody else tells of it
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("phase", PHASES)
async def test_a_cut_at_any_phase_leaves_one_link_with_its_members(
    wire: Wire, store: PostgresStore, phase: str
) -> None:
    linking = await Linking(store, ANNA, BEA).read()
    with wire.trap(*PHASES[phase]):
        appended = await linking.write()
    assert [each.version for each in appended] == [2, 2]
    await check_one_customer(store, ANNA, BEA)
    assert [len(await whole(store.journal, one)) for one in (ANNA, BEA)] == [2, 2]


async def test_a_link_whose_writer_dies_before_its_commit_leaves_nothing(
    wire: Wire, store: PostgresStore, stores: Stores
) -> None:
    linking = await Linking(store, ANNA, BEA).read()
    with wire.trap(saying("COMMIT"), Cut.LATE) as trap:
        dying = asyncio.create_task(linking.write())
        await trap.sprung.wait()
        wire.refusing = True
        dying.cancel()
    await check_nothing_linked(stores[0], ANNA, BEA)
    wire.refusing = False
    trap.let_go.set()
    await trap.over.wait()
    # The commit came too late: whoever looks again ended it, or it found its connection gone.
    await link(stores[0], BEA, ANNA)
    customer = await check_one_customer(stores[0], ANNA, BEA)
    assert customer.membership == 1


async def test_a_customer_that_grows_between_two_reads_of_it_is_read_again(
    wire: Wire, store: PostgresStore, stores: Stores
) -> None:
    await started(stores[0], CARA)
    await link(stores[0], ANNA, BEA)
    with wire.trap(executing(") AS subject_ids"), Cut.HELD) as trap:
        reading = asyncio.create_task(store.identities.customer(ANNA))
        await trap.sprung.wait()
        await link(stores[0], BEA, CARA)
        trap.let_go.set()
        assert (await reading).subject_ids == (ANNA, BEA, CARA)


async def test_overlapping_links_of_two_processes_neither_deadlock_nor_part(
    stores: Stores, database_as: RoleDsn
) -> None:
    people = [f"person-{number}" for number in range(6)]
    await started(stores[0], *people)
    for one, other in zip(people[::2], people[1::2], strict=True):
        await link(stores[0], one, other)
    crossing = [*zip(people, people[2:], strict=False), *zip(people[3:], people, strict=False)]
    await asyncio.gather(
        *(link(stores[n % 2], *pair) for n, pair in enumerate(crossing)),
        *(stores[n % 2].journal.append(reports(2, subject=one)) for n, one in enumerate(people)),
    )
    customer = await check_one_customer(stores[1], *people)
    assert customer.membership == 3 + len(crossing)
    [found] = await carry_out(
        database_as, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    assert found["deadlocks"] == 0


async def test_the_same_sign_in_in_two_processes_makes_one_link(
    stores: Stores, database_as: RoleDsn
) -> None:
    await started(stores[0], ANNA, CARA)
    await asyncio.gather(*(link(store, ANNA, BEA, BEA) for store in (*stores, *stores)))
    customer = await check_one_customer(stores[0], ANNA, BEA)
    assert customer.membership == 1
    assert [versions(await whole(stores[1].journal, one)) for one in (ANNA, BEA)] == [[1, 2], [1]]
    # Who is linked to nobody has no row.
    rows = await carry_out(database_as, "SELECT subject_id FROM members ORDER BY subject_id")
    assert [row["subject_id"] for row in rows] == [ANNA, BEA]


async def test_a_link_waits_for_one_that_holds_a_member_and_then_gives_way(
    stores: Stores, database_as: RoleDsn
) -> None:
    first, second = stores
    await started(first)
    await link(first, ANNA, BEA)
    slow = await Linking(first, ANNA, CARA).read()
    async with connected(database_as, "owner") as owner, connected(database_as) as looking:
        async with owner.transaction():
            await owner.execute("UPDATE members SET membership = 2 WHERE subject_id = 'bea'")
            waiting = asyncio.create_task(slow.write())
            await until_somebody_waits(looking)
        with pytest.raises(IdentityContention):
            await waiting
    await check_nothing_linked(second, CARA)


async def test_verify_finds_customers_that_are_not_as_their_links_tell(
    stores: Stores, database_as: RoleDsn
) -> None:
    store = stores[0]
    await started(store)
    await link(store, ANNA, BEA)
    await link(store, BEA, CARA)
    for harm, cure in HARM.items():
        await carry_out(database_as, harm)
        found = await wrong(store)
        assert {what for what, _ in found} == {"customer"}, harm
        assert {subject_id for _, subject_id in found} <= set(PEOPLE)
        await carry_out(database_as, cure)
    assert await wrong(store) == set()


# What somebody did to the tables, and what makes it good.
HARM = {
    "UPDATE members SET subject_ids = '{anna,bea,dora}' WHERE subject_id = 'bea'": (
        "UPDATE members SET subject_ids = '{anna,bea,cara}' WHERE subject_id = 'bea'"
    ),
    "UPDATE members SET registered = true WHERE subject_id = 'cara'": (
        "UPDATE members SET registered = false WHERE subject_id = 'cara'"
    ),
    "UPDATE links SET assurance = 1 WHERE subject_id IN ('anna', 'bea')": (
        "UPDATE links SET assurance = 4"
    ),
    (
        "INSERT INTO members SELECT partition, 'dora', false, 0, '{dora}', 1 FROM subjects "
        "WHERE subject_id = 'dora'"
    ): "DELETE FROM members WHERE subject_id = 'dora'",
}


async def wrong(store: PostgresStore) -> set[tuple[str, str]]:
    """What verify finds, and of whom."""
    return {
        (found.what, found.subject_id)
        async for found in store.verify()
        if isinstance(found, Finding)
    }
