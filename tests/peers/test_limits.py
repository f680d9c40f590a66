"""KurrentDB's cases of batches that are empty or too large, over gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc
import pytest

import journey_client
from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import RecordRequest
from journey.v1.rules_pb2 import INTERACTION_CLASS_INTENT
from journey_service.domain.formats import CustomType, Declared
from tests.transport.serving import Served, batch, clock, listed, reason_of, serving

LONGEST_NAME = "a" * 31 + "." + "b" * 32
LONGEST_SUBJECT = "s" * 128


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    declared = Declared(custom_types={LONGEST_NAME: CustomType()})
    async with serving(declared=declared) as service:
        yield service


async def test_empty_batch_is_fine(served: Served) -> None:
    token = served.mint.token("service", "orders")
    async with journey_client.connect(
        f"127.0.0.1:{served.server.port}", token=token, service=True
    ) as client:
        assert (await client.record("ann", [])).results == ()
    # On the wire it is a mistake, which names its field: there is nothing to answer.
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await served.journeys.Record(
            RecordRequest(subject_id="ann", clock=clock()),
            metadata=served.as_("service", "orders"),
        )
    assert reason_of(refused.value) == "FIELD_VIOLATIONS"


async def test_batch_over_limit_writes_nothing(served: Served) -> None:
    session = await served.open_session()
    first = await served.journeys.Record(batch(session, listed()), metadata=served.as_("device"))
    many = [listed(seq=seq) for seq in range(2, 203)]
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await served.journeys.Record(batch(session, *many), metadata=served.as_("device"))
    assert reason_of(refused.value) == "TOO_LARGE"
    answer = await served.journeys.Record(
        batch(session, listed(seq=2)), metadata=served.as_("device")
    )
    assert answer.results[0].version == first.results[0].version + 1
    assert answer.processed_seq == 2


async def test_long_subject_and_type_names(served: Served) -> None:
    reported = listed(seq=0, journey=None)
    interaction = Interaction(event_id=reported.event_id, wall_ms=reported.wall_ms)
    interaction.custom.name = LONGEST_NAME
    interaction.custom.interaction_class = INTERACTION_CLASS_INTENT
    interaction.custom.json = "{}"
    request = RecordRequest(subject_id=LONGEST_SUBJECT, interactions=[interaction], clock=clock())
    service = served.as_("service", "orders")
    answer = await served.journeys.Record(request, metadata=service)
    assert answer.results[0].version == 1
    request.subject_id += "s"
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await served.journeys.Record(request, metadata=service)
    assert reason_of(refused.value) == "FIELD_VIOLATIONS"
