"""The library's own contract classes, as shipped, over gRPC to a service.

Which of them are not run here, and why, stands in docs/how-to/use-with-eventsourcing.md.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from eventsourcing.tests.persistence import (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    InfrastructureFactoryTestCase,
    TrackingRecorderTestCase,
)
from eventsourcing.utils import Environment

from journey_client.eventsourcing import Factory
from projections.recorders import (
    JourneyAggregateRecorder,
    JourneyApplicationRecorder,
    JourneyProcessRecorder,
    JourneyTrackingRecorder,
)
from tests.interop.remote import service


@pytest.fixture
def env() -> Iterator[dict[str, str]]:
    with service() as (_, environment):
        yield environment


class OnAService:
    """A factory on a service of the test's own."""

    factory: Factory

    @pytest.fixture(autouse=True)
    def _factory(self, env: dict[str, str]) -> Iterator[None]:
        self.factory = Factory(env)
        yield
        self.factory.close()


class TestAggregateRecorder(OnAService, AggregateRecorderTestCase):
    INITIAL_VERSION = 0

    def create_recorder(self) -> JourneyAggregateRecorder:
        return self.factory.aggregate_recorder()


class TestApplicationRecorder(OnAService, ApplicationRecorderTestCase[JourneyApplicationRecorder]):
    INITIAL_VERSION = 0

    def create_recorder(self) -> JourneyApplicationRecorder:
        return self.factory.application_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestTrackingRecorder(OnAService, TrackingRecorderTestCase):
    def create_recorder(self) -> JourneyTrackingRecorder:
        return self.factory.tracking_recorder()


class TrackingRecorderOfADeployment(JourneyTrackingRecorder):
    pass


class TestInfrastructureFactory(InfrastructureFactoryTestCase[Factory]):
    @pytest.fixture(autouse=True)
    def _environment(self, env: dict[str, str]) -> None:
        self.env = Environment(env=env)

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
    TrackingRecorderTestCase,
)
