"""A damaged event on real PostgreSQL: loud, held where it stands, in nobody else's way."""

import projections
from journey_service.application.reader import Reader
from journey_service.observability import Metrics, ProjectionMetrics
from journey_service.store.postgres.verify import Finding
from projections.runner import Runner
from tests.contract.acts import acts, partition
from tests.postgres import RoleDsn
from tests.store.databases import carry_out
from tests.store.opening import open_store


async def test_a_damaged_event_holds_its_partition_loudly_and_nobody_else(
    database_as: RoleDsn,
) -> None:
    metrics = Metrics()
    async with open_store(database_as) as store:
        journal = store.journal
        names = [f"subject-{number}" for number in range(2_000)]
        home = partition(journal, names[0])
        neighbour = next(name for name in names[1:] if partition(journal, name) == home)
        stranger = next(name for name in names if partition(journal, name) != home)
        for name in (names[0], neighbour, stranger):
            await journal.append(acts(1, subject=name))
        await carry_out(
            database_as,
            "UPDATE events SET state = set_byte(state, 20, get_byte(state, 20) # 1) "
            "WHERE partition = $1 AND position = 1",
            home,
        )
        await store.states.register(projections.JOURNEYS.name, projections.JOURNEYS.version)
        runner = Runner(
            projections.JOURNEYS,
            journal,
            store.states,
            owner="test",
            watchman=ProjectionMetrics(metrics),
        )
        await runner.catch_up()
        checkpoints = await store.states.checkpoints(projections.JOURNEYS.name)
        assert checkpoints.get(home, 0) == 0
        assert checkpoints[partition(journal, stranger)] == 1
        assert b"journey_projection_held_partitions 1.0" in metrics.page()
        # The neighbour's states are behind for good, and its tail makes reads exact all the same.
        reader = Reader(store.states, store.sessions, capacity=10)
        for seq in (2, 3):
            await journal.append(acts(seq, subject=neighbour))
            await runner.catch_up()
            found = (await reader.read(neighbour)).view
            assert found.version == seq
            assert [*found.folds] == [*(await reader.read(stranger)).view.folds]
        findings = [one async for one in store.verify() if isinstance(one, Finding)]
        assert [(one.what, one.partition, one.position) for one in findings] == [
            ("unreadable", home, 1)
        ]
