"""The `eventsourcing` library's own contract classes, as shipped, over a journal in process."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from eventsourcing.persistence import ApplicationRecorder
from eventsourcing.tests.persistence import (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    InfrastructureFactoryTestCase,
    NonInterleavingNotificationIDsBaseCase,
    ProcessRecorderTestCase,
    TrackingRecorderTestCase,
)
from eventsourcing.utils import Environment

from journey_service.recorders import Factory
from projections.recorders import (
    JourneyAggregateRecorder,
    JourneyApplicationRecorder,
    JourneyProcessRecorder,
    JourneyTrackingRecorder,
)

NUMBERS = count()


class OnOnePartition:
    """A factory on a database of the test's own: notification ids begin with 1."""

    factory: Factory

    @pytest.fixture(autouse=True)
    def _factory(self, one_partition: dict[str, str]) -> Iterator[None]:
        self.factory = Factory(one_partition)
        yield
        self.factory.close()


class OnSharedPartition:
    """A factory of an application of the test's own, on a database that others use, too."""

    factory: Factory

    @pytest.fixture(autouse=True)
    def _factory(self, shared_partition: dict[str, str]) -> Iterator[None]:
        self.factory = Factory(Environment(f"Application{next(NUMBERS)}", shared_partition))
        yield
        self.factory.close()


class OnManyPartitions:
    """The same with 64 partitions."""

    factory: Factory

    @pytest.fixture(autouse=True)
    def _factory(self, many_partitions: dict[str, str]) -> Iterator[None]:
        self.factory = Factory(many_partitions)
        yield
        self.factory.close()


class TestAggregateRecorder(OnSharedPartition, AggregateRecorderTestCase):
    INITIAL_VERSION = 0

    def create_recorder(self) -> JourneyAggregateRecorder:
        return self.factory.aggregate_recorder()


class TestAggregateRecorderThatCountsFromOne(OnSharedPartition, AggregateRecorderTestCase):
    test_performance = None  # type: ignore[assignment]  # measured above

    def create_recorder(self) -> JourneyAggregateRecorder:
        return self.factory.aggregate_recorder()


class TestSnapshotRecorder(OnSharedPartition, AggregateRecorderTestCase):
    test_performance = None  # type: ignore[assignment]  # measured above

    def create_recorder(self) -> JourneyAggregateRecorder:
        return self.factory.aggregate_recorder(purpose="snapshots")


class TestAggregateRecorderOnManyPartitions(OnManyPartitions, AggregateRecorderTestCase):
    INITIAL_VERSION = 0

    def create_recorder(self) -> JourneyAggregateRecorder:
        return self.factory.aggregate_recorder()


class TestApplicationRecorder(
    OnOnePartition, ApplicationRecorderTestCase[JourneyApplicationRecorder]
):
    INITIAL_VERSION = 0

    def create_recorder(self) -> JourneyApplicationRecorder:
        return self.factory.application_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleavingNotificationIds(OnSharedPartition, NonInterleavingNotificationIDsBaseCase):
    INITIAL_VERSION = 0

    def create_recorder(self) -> ApplicationRecorder:
        return self.factory.application_recorder()


class TestTrackingRecorder(OnSharedPartition, TrackingRecorderTestCase):
    def create_recorder(self) -> JourneyTrackingRecorder:
        return self.factory.tracking_recorder()


class TestTrackingRecorderOnManyPartitions(OnManyPartitions, TrackingRecorderTestCase):
    def create_recorder(self) -> JourneyTrackingRecorder:
        return self.factory.tracking_recorder()


class TestProcessRecorder(OnSharedPartition, ProcessRecorderTestCase):
    INITIAL_VERSION = 0

    def create_recorder(self) -> JourneyProcessRecorder:
        return self.factory.process_recorder()


class TrackingRecorderOfADeployment(JourneyTrackingRecorder):
    pass


class TestInfrastructureFactory(InfrastructureFactoryTestCase[Factory]):
    @pytest.fixture(autouse=True)
    def _environment(self, shared_partition: dict[str, str]) -> None:
        self.env = Environment(f"Application{next(NUMBERS)}", shared_partition)

    def expected_factory_class(self) -> type[Factory]:
        return Factory

    def expected_aggregate_recorder_class(self) -> type[Any]:
        return JourneyAggregateRecorder

    def expected_application_recorder_class(self) -> type[Any]:
        return JourneyApplicationRecorder

    def expected_tracking_recorder_class(self) -> type[Any]:
        return JourneyTrackingRecorder

    def tracking_recorder_subclass(self) -> type[Any]:
        return TrackingRecorderOfADeployment

    def expected_process_recorder_class(self) -> type[Any]:
        return JourneyProcessRecorder


# Imported names that pytest would take for tests of this file.
del (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    InfrastructureFactoryTestCase,
    NonInterleavingNotificationIDsBaseCase,
    ProcessRecorderTestCase,
    TrackingRecorderTestCase,
)
