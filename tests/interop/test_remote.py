"""Applications and projections written for the library run on a service, over gRPC."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import (
    DatabaseError,
    DataError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    StoredEvent,
    Tracking,
)
from eventsourcing.projection import ProjectionRunner

from journey.v1.journey_service_pb2 import RecordRequest
from journey_client._error import Unreachable
from journey_client.eventsourcing import (
    MOST_REMEMBERED,
    NEAR,
    Factory,
    RemoteLog,
    _in_words_of_the_library,
    _Places,
)
from tests.interop.orders import Order, Orders, Seen, SeenView
from tests.interop.remote import service
from tests.transport.serving import Served, listed

Running = tuple[Served, dict[str, str]]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with service() as found:
        yield found


@pytest.fixture
def factory(running: Running) -> Iterator[Factory]:
    made = Factory(running[1])
    yield made
    made.close()


def stored(originator: str, version: int, state: bytes = b"{}") -> StoredEvent:
    return StoredEvent(originator, version, "topic", state)


def calls_of(factory: Factory) -> tuple[RemoteLog, list[str]]:
    """The log of a factory, and the reads of the journal that it begins from now on."""
    _, log = factory._log()
    assert isinstance(log, RemoteLog)
    begun: list[str] = []
    read = log._client.read_events

    def counted(*positional: object, **named: object) -> object:
        begun.append("read")
        return read(*positional, **named)  # type: ignore[arg-type]

    log._client.read_events = counted  # type: ignore[method-assign, assignment]
    return log, begun


def test_a_projection_reads_what_devices_record_and_what_the_application_does(
    running: Running,
) -> None:
    served, env = running
    env = env | {"SEEN_PERSISTENCE_MODULE": "eventsourcing.popo", "JOURNEY_READS": "all"}
    with ProjectionRunner(
        application_class=Orders, projection_class=Seen, view_class=SeenView, env=env
    ) as runner:
        runner.app.place("ann", "milk")
        bridge, _ = runner.app.factory._log()

        async def report() -> int:
            request = RecordRequest(subject_id="ann", interactions=[listed(seq=0)])
            answer = await served.journeys.Record(request, metadata=served.as_("service", "till"))
            position: int = answer.results[0].position
            return position

        runner.wait(bridge.run(report()), timeout=10)
        assert runner.view.seen[-3:] == [
            ("orders", "Placed"),
            ("orders", "LineAdded"),
            ("ann", "list.item_added"),
        ]


def test_an_aggregate_is_changed_by_two_processes_without_losing_a_change(
    running: Running,
) -> None:
    _, env = running
    with Orders(env) as here, Orders(env) as there:
        order_id, _ = here.place("ann", "milk", "bread")
        stale: Order = there.repository.get(order_id)
        here.add(order_id, "eggs")
        stale.add("jam")
        with pytest.raises(IntegrityError):
            there.save(stale)
        for sku in ("tea", "oats"):
            there.add(order_id, sku)
        assert here.lines(order_id) == ["milk", "bread", "eggs", "tea", "oats"]
        past: Order = here.repository.get(order_id, version=5)
        assert past.lines == ["milk", "bread", "eggs", "tea"]


def test_what_must_be_whole_over_several_streams_is_refused(running: Running) -> None:
    with Orders(running[1]) as orders:
        first, second = Order("ann"), Order("bob")
        with pytest.raises(NotSupportedError, match="one stream at a time"):
            orders.save(first, second)
        process = orders.factory.process_recorder()
        with pytest.raises(NotSupportedError):
            process.insert_events([stored("ann-1", 0)], tracking=Tracking("upstream", 1))


def test_events_are_read_by_version_in_both_directions(factory: Factory) -> None:
    recorder = factory.aggregate_recorder()
    name = str(uuid4())
    recorder.insert_events([stored(name, version) for version in range(5)])

    def versions(**asked: Any) -> list[int]:
        return [found.originator_version for found in recorder.select_events(name, **asked)]

    assert versions() == [0, 1, 2, 3, 4]
    assert versions(gt=2) == [3, 4]
    assert versions(gt=0, lte=2) == [1, 2]
    assert versions(lte=1) == [0, 1]
    assert versions(gt=0, lte=3, desc=True) == [3, 2, 1]
    assert versions(desc=True, limit=2) == [4, 3]


def test_what_no_interaction_can_hold_is_refused_whole(factory: Factory) -> None:
    recorder = factory.aggregate_recorder()
    with pytest.raises(DataError, match="12,288"):
        recorder.insert_events([stored("big", 0), stored("big", 1, b"x" * 13_000)])
    with pytest.raises(DataError, match="fewer"):
        recorder.insert_events([stored("many", version) for version in range(501)])
    assert recorder.select_events("big") == []


def test_a_reader_that_was_far_finds_its_place_again_without_reading_all(
    running: Running,
) -> None:
    with Orders(running[1]) as orders:
        last = 0
        for number in range(6):
            events = [stored(f"far-{number}", version) for version in range(NEAR)]
            last = (orders.recorder.insert_events(events) or [0])[-1]
        with Orders(running[1]) as anew:
            log, begun = calls_of(anew.factory)  # type: ignore[arg-type]
            wanted = last - NEAR // 2
            with anew.recorder.subscribe(gt=wanted) as subscription:
                assert next(subscription).id == wanted + 1
            assert 0 < len(begun) < 60
            nearest, _ = log._places.before(wanted)
            assert wanted - nearest <= 2 * NEAR
            begun.clear()
            page = anew.recorder.select_notifications(wanted, 3, inclusive_of_start=False)
            assert [found.id for found in page] == [wanted + 1, wanted + 2, wanted + 3]
            stop = anew.recorder.select_notifications(wanted, 9, stop=wanted + 1)
            assert [found.id for found in stop] == [wanted, wanted + 1]
            assert anew.recorder.max_notification_id() == last


def test_the_oldest_of_many_places_is_forgotten() -> None:
    places = _Places()
    for position in range(MOST_REMEMBERED + 1):
        places.remember(position + 1, str(position + 1))
    assert places.before(1) == (0, "")
    assert places.before(2) == (2, "2")
    assert places.before(MOST_REMEMBERED * 2) == (MOST_REMEMBERED + 1, str(MOST_REMEMBERED + 1))


def test_a_token_may_stand_in_a_file_that_somebody_keeps_good(
    running: Running, tmp_path: Path
) -> None:
    _, env = running
    file = tmp_path / "token"
    file.write_text(env["JOURNEY_TOKEN"] + "\n")
    with Orders(env | {"JOURNEY_TOKEN": "", "JOURNEY_TOKEN_FILE": str(file)}) as orders:
        order_id, _ = orders.place("ann", "milk")
        assert orders.lines(order_id) == ["milk"]


def test_the_service_s_refusals_are_told_in_the_library_s_words(running: Running) -> None:
    served, env = running
    with pytest.raises(OSError, match="JOURNEY_ADDRESS is missing"):
        Factory({}).application_recorder()
    without_scope = served.mint.token("service", "orders")
    with Orders(env | {"JOURNEY_TOKEN": without_scope}) as orders:
        with pytest.raises(DatabaseError, match=r"journal\.read"):
            orders.recorder.select_notifications(None, 1)
        with pytest.raises(DatabaseError, match=r"journal\.read"):
            next(orders.recorder.subscribe())
    with pytest.raises(OperationalError), _in_words_of_the_library():
        raise Unreachable
