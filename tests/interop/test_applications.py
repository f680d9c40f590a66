"""Applications and projections written for the library run on a journal in this process."""

import asyncio
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
    StoredEvent,
    Tracking,
)
from eventsourcing.projection import EventSourcedProjectionRunner, ProjectionRunner

from journey_service.recorders import Factory
from projections.recorders import Bridge, JourneyMapper, JourneySubscription, streams
from tests.interop.orders import Counts, Order, Orders, Seen, SeenView

IN_MEMORY = {"SEEN_PERSISTENCE_MODULE": "eventsourcing.popo"}


@pytest.fixture
def factory(one_partition: dict[str, str]) -> Iterator[Factory]:
    with_all = Factory(one_partition | {"JOURNEY_READS": "all"})
    yield with_all
    with_all.close()


def stored(originator: UUID | str, version: int, state: bytes = b"{}") -> StoredEvent:
    return StoredEvent(originator, version, "topic", state)


def test_an_aggregate_is_read_back_with_its_snapshots(one_partition: dict[str, str]) -> None:
    with Orders(one_partition) as orders:
        order_id, _ = orders.place("ann", "milk", "bread")
        for sku in ("eggs", "jam", "tea", "oats"):
            orders.add(order_id, sku)
        assert orders.snapshots is not None
        assert [taken.originator_version for taken in orders.snapshots.get(order_id)] == [3, 6]
        assert orders.lines(order_id) == ["milk", "bread", "eggs", "jam", "tea", "oats"]
        past: Order = orders.repository.get(order_id, version=4)
        assert past.lines == ["milk", "bread", "eggs"]
        with pytest.raises(AggregateNotFoundError):
            orders.lines(uuid4())


def test_several_aggregates_are_saved_together_or_not_at_all(
    one_partition: dict[str, str],
) -> None:
    with Orders(one_partition) as orders:
        first, second = Order("ann"), Order("bob")
        recordings = orders.save(first, second)
        assert [each.notification.id for each in recordings] == [1, 2]
        stale: Order = orders.repository.get(second.id)
        orders.add(second.id, "milk")
        first.add("bread")
        stale.add("eggs")
        with pytest.raises(IntegrityError):
            orders.save(first, stale)
        assert orders.lines(first.id) == []
        assert orders.recorder.max_notification_id() == 3


def test_a_projection_sees_every_event_once_in_order(one_partition: dict[str, str]) -> None:
    env = one_partition | IN_MEMORY
    with ProjectionRunner(
        application_class=Orders, projection_class=Seen, view_class=SeenView, env=env
    ) as runner:
        runner.app.place("ann", "milk")
        _, last = runner.app.place("bob", "bread")
        runner.wait(last, timeout=10)
        assert runner.view.seen == [("orders", "Placed"), ("orders", "LineAdded")] * 2


def test_an_event_sourced_projection_counts_exactly_once_over_restarts(
    one_partition: dict[str, str],
) -> None:
    for expected in (2, 4):
        with EventSourcedProjectionRunner(
            application_class=Orders, projection_class=Counts, env=one_partition
        ) as runner:
            _, last = runner.app.place("ann", "milk", "milk", "bread")
            runner.wait(last, timeout=10)
            assert runner.projection.count("milk") == expected
            assert runner.projection.recorder.max_tracking_id("Orders") == last
            sees_its_own = runner.projection.recorder.select_notifications(None, 100)
            assert {found.originator_version for found in sees_its_own} >= {1, 2}
            assert len(runner.app.recorder.select_notifications(None, 100)) == expected * 2


def test_what_was_processed_is_not_processed_again(one_partition: dict[str, str]) -> None:
    with Orders(one_partition) as orders:
        _, last = orders.place("ann", "milk")
    with Counts(one_partition) as counts:
        recorder = counts.recorder
        events = [stored(uuid4(), 1), stored(uuid4(), 1)]
        assert last is not None
        recorder.insert_events(events, tracking=Tracking("Orders", last))
        with pytest.raises(IntegrityError):
            recorder.insert_events([stored(uuid4(), 1)], tracking=Tracking("Orders", last))
        with pytest.raises(IntegrityError):
            recorder.insert_events(events, tracking=Tracking("Orders", last + 1))
        assert recorder.max_tracking_id("Orders") == last
        assert len(recorder.select_notifications(None, 10)) == 2


def test_states_of_any_bytes_come_back_as_they_were(factory: Factory) -> None:
    recorder = factory.application_recorder()
    states = (b"", b"{}", "Ä🙂".encode(), b"\xff\x00\xfe", b"a\x00b", bytes(range(256)))
    for version, state in enumerate(states):
        recorder.insert_events([stored("ann", version, state)])
    assert [found.state for found in recorder.select_events("ann")] == [*states]
    assert [found.state for found in recorder.select_notifications(None, 10)] == [*states]


def test_what_no_interaction_can_hold_is_refused_whole(factory: Factory) -> None:
    recorder = factory.aggregate_recorder()
    with pytest.raises(DataError, match="12,288"):
        recorder.insert_events([stored("ann", 0), stored("ann", 1, b"x" * 12_300)])
    with pytest.raises(DataError, match="without space"):
        recorder.insert_events([stored("an n", 0)])
    assert recorder.select_events("ann") == []


def test_versions_that_do_not_follow_are_refused(factory: Factory) -> None:
    recorder = factory.aggregate_recorder()
    snapshots = factory.aggregate_recorder(purpose="snapshots")
    recorder.insert_events([stored("ann", 1), stored("ann", 2)])
    snapshots.insert_events([stored("ann", 2), stored("ann", 7)])
    for version in (-1, 0, 1, 2, 4):
        with pytest.raises(IntegrityError):
            recorder.insert_events([stored("ann", version)])
    for version in (2, 6, 7):
        with pytest.raises(IntegrityError):
            snapshots.insert_events([stored("ann", version)])
    assert [found.originator_version for found in recorder.select_events("ann")] == [1, 2]
    newest = snapshots.select_events("ann", lte=6, desc=True, limit=1)
    assert [found.originator_version for found in newest] == [2]


def test_a_sequence_may_begin_anywhere_and_goes_on_from_there(
    factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_REMEMBERED", 1)
    recorder = factory.aggregate_recorder()
    for name, begin in (("ann", 5), ("bob", 1)):
        recorder.insert_events([stored(name, begin)])
        recorder.insert_events([stored(name, begin + 1)])
    for version in (0, 3, 5, 6, 8):
        with pytest.raises(IntegrityError):
            recorder.insert_events([stored("ann", version)])
    recorder.insert_events([stored("ann", 7)])
    assert [found.originator_version for found in recorder.select_events("ann", gt=5)] == [6, 7]


def test_long_sequences_are_read_in_pages(factory: Factory) -> None:
    recorder = factory.application_recorder()
    recorder.insert_events([stored("ann", version) for version in range(1_001)])
    recorder.insert_events([stored("bob", 0)])
    assert len(recorder.select_events("ann")) == 1_001
    backwards = recorder.select_events("ann", gt=3, desc=True)
    assert [found.originator_version for found in backwards] == [*range(1_000, 3, -1)]
    assert [found.originator_version for found in recorder.select_events("ann", gt=998)] == [
        999,
        1_000,
    ]
    assert len(recorder.select_notifications(None, 2_000)) == 1_002
    assert recorder.select_notifications(None, 2_000, topics=["other"]) == []


def test_applications_of_one_journal_see_their_own_sequence(one_partition: dict[str, str]) -> None:
    class Returns(Orders):
        pass

    with Orders(one_partition) as orders, Returns(one_partition) as returns:
        orders.place("ann", "milk")
        _, last = returns.place("bob", "bread")
        assert [found.id for found in orders.recorder.select_notifications(None, 10)] == [1, 2]
        assert [found.id for found in returns.recorder.select_notifications(None, 10)] == [3, 4]
        assert (orders.recorder.max_notification_id(), last) == (2, 4)


def test_an_application_without_events_has_no_last_one(one_partition: dict[str, str]) -> None:
    with Orders(one_partition) as orders:
        tracking = orders.factory.tracking_recorder()
        tracking.insert_tracking(Tracking("elsewhere", 1))
        assert orders.recorder.max_notification_id() is None
        assert orders.recorder.select_notifications(None, 10) == []


def test_with_many_partitions_aggregates_work_and_notifications_say_why_not(
    many_partitions: dict[str, str],
) -> None:
    with Orders(many_partitions) as orders:
        order_id, notification_id = orders.place("ann", "milk")
        assert notification_id is None
        assert orders.lines(order_id) == ["milk"]
        for ask in (
            orders.recorder.max_notification_id,
            orders.recorder.subscribe,
            lambda: orders.recorder.select_notifications(None, 1),
        ):
            with pytest.raises(NotSupportedError, match="one partition"):
                ask()
        orders.save(Order("ann"), Order("bob"))
        process = orders.factory.process_recorder()
        assert process.insert_events([stored("ann", 0)], tracking=Tracking("x", 1)) is None


def test_subscriptions_of_a_closed_recorder_end(one_partition: dict[str, str]) -> None:
    orders = Orders(one_partition)
    subscription = orders.recorder.subscribe()
    untouched = orders.recorder.subscribe()
    orders.place("ann")
    assert next(subscription).originator_version == 1
    orders.close()
    with pytest.raises(InterfaceError, match="closed"):
        next(subscription)
    untouched.stop()
    with pytest.raises(StopIteration):
        next(untouched)
    assert isinstance(untouched, JourneySubscription)
    assert untouched._ask() == [], "stopped between looking and asking"
    orders.close()


def test_the_environment_says_which_journal_and_what_is_read(
    one_partition: dict[str, str],
) -> None:
    with pytest.raises(OSError, match="JOURNEY_DSN is missing"):
        Factory({}).application_recorder()
    with pytest.raises(OSError, match="must be own or all"):
        Factory(one_partition | {"JOURNEY_READS": "some"}).application_recorder()
    wrong = Factory(one_partition | {"JOURNEY_DSN": "postgresql://nobody@localhost:1/none"})
    with pytest.raises(OSError, match="Connect call failed"):
        wrong.aggregate_recorder()
    topic = f"{JourneyMapper.__module__}:{JourneyMapper.__qualname__}"
    assert isinstance(Factory({"MAPPER_TOPIC": topic}).mapper(), JourneyMapper)


def test_a_recorder_does_not_wait_for_itself() -> None:
    bridge = Bridge()

    async def nothing() -> None: ...

    async def ask_myself() -> None:
        bridge.run(nothing())

    with pytest.raises(ProgrammingError, match="its own event loop"):
        bridge.run(ask_myself())
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    waiting = bridge.submit(forever())
    bridge.run(nothing())
    bridge.close()
    bridge.close()
    assert waiting.cancelled()
    assert ended == ["cancelled"]
    with pytest.raises(InterfaceError):
        bridge.run(nothing())
