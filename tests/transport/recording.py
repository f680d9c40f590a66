"""Clients of RecordStream, and what back ends import."""

from __future__ import annotations

from typing import Any

import grpc

from journey.v1.journey_service_pb2 import (
    RecordRequest,
    RecordStreamRequest,
)
from tests.transport.faulty import take
from tests.transport.serving import (
    Served,
    listed,
)


async def failure_of(stream: Any) -> grpc.aio.AioRpcError:
    """How a stream ends, after what is left of its frames."""
    try:
        while await stream.read() is not grpc.aio.EOF:
            pass
    except grpc.aio.AioRpcError as error:
        return error
    raise AssertionError("it ended well")


def imported(subject_id: str, count: int, size: int = 10) -> RecordRequest:
    """A back end's batch of `count` events, each with a note of `size` characters."""
    interactions = [listed(0, f"i{number}") for number in range(count)]
    for interaction in interactions:
        interaction.list_item_added.note = "x" * size
    return RecordRequest(subject_id=subject_id, installation_id="import", interactions=interactions)


class Recorder:
    """A client of RecordStream."""

    def __init__(self, served: Served, metadata: Any) -> None:
        self.stream = served.journeys.RecordStream(metadata=metadata)

    async def send(self, request: RecordRequest, batch_no: int) -> None:
        request.batch_no = batch_no
        await self.stream.write(RecordStreamRequest(batch=request))

    async def ack(self) -> Any:
        return (await take(self.stream, "ack")).ack

    async def drain(self) -> None:
        await self.stream.write(RecordStreamRequest(drain={}))
