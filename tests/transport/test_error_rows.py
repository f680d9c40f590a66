"""Every reason that is served, provoked through real gRPC: rows of docs/reference/errors.md."""

import grpc
import pytest

from docs.reasons import NOT_SERVED, SERVED
from journey.v1.errors_pb2 import ErrorReason
from journey.v1.events_pb2 import OUTCOME_ACCEPTED, OUTCOME_QUARANTINED, OUTCOME_REJECTED
from journey.v1.groups_pb2 import SettlementFailure
from journey_service.settings import Settings
from journey_service.transport.errors import MEANINGS
from tests.transport import (
    rows_of_calls,
    rows_of_customers,
    rows_of_devices,
    rows_of_groups,
    rows_of_history,
    rows_of_projections,
    rows_of_rebuilds,
    rows_of_results,
    rows_of_rules,
    rows_of_subscriptions,
    rows_of_visitors,
)
from tests.transport.faulty import FaultyStore
from tests.transport.serving import (
    TEST_SETTINGS,
    info_of,
    serving,
    status_of,
)
from tests.transport.world import ROWS, Row, World

# Each of them adds its rows when it is imported.
TABLES = (
    rows_of_history,
    rows_of_calls,
    rows_of_customers,
    rows_of_results,
    rows_of_devices,
    rows_of_groups,
    rows_of_rules,
    rows_of_projections,
    rows_of_rebuilds,
    rows_of_subscriptions,
    rows_of_visitors,
)
PREFIX = "ERROR_REASON_"


def test_every_reason_is_served_and_provoked_or_named_with_what_it_waits_for() -> None:
    known = {
        value.name.removeprefix(PREFIX) for value in ErrorReason.DESCRIPTOR.values if value.number
    }
    assert set(SERVED) | set(NOT_SERVED) == known
    assert not set(SERVED) & set(NOT_SERVED)
    assert {row.reason for row in ROWS} == set(SERVED)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.reason}-{row.provoke.__name__}")
async def test_each_row_of_the_table_is_answered_as_it_says(row: Row) -> None:
    store = FaultyStore(Settings(**{**TEST_SETTINGS, **row.settings}))
    number = ErrorReason.Value(PREFIX + row.reason)
    async with serving(store, **row.settings) as served:
        try:
            result = await row.provoke(World(served, store))
        except grpc.aio.AioRpcError as error:
            status = status_of(error)
            assert info_of(status).reason == row.reason
            assert status.code == MEANINGS[number].code
        else:
            assert ErrorReason.Name(result.reason) == PREFIX + row.reason
            if isinstance(result, SettlementFailure):
                return
            refused = OUTCOME_QUARANTINED if row.reason == "TOO_OLD" else OUTCOME_REJECTED
            assert result.outcome == refused
            assert result.outcome != OUTCOME_ACCEPTED
