"""A real gRPC server whose answers a test writes: for what a sound service cannot be made to do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from journey.v1 import journey_service_pb2 as journeys
from journey.v1 import session_service_pb2 as sessions
from journey.v1.events_pb2 import Outcome
from journey.v1.references_pb2 import Processed
from journey.v1.sessions_pb2 import Session

Unary = Callable[[Any, grpc.aio.ServicerContext[Any, Any]], Awaitable[Message]]
Stream = Callable[[Any, grpc.aio.ServicerContext[Any, Any]], AsyncIterator[Message]]
REQUESTS: dict[str, type[Message]] = {
    "Record": journeys.RecordRequest,
    "GetJourney": journeys.GetJourneyRequest,
    "ListJourneys": journeys.ListJourneysRequest,
    "Watch": journeys.WatchRequest,
    "OpenSession": sessions.OpenSessionRequest,
    "RefreshSession": sessions.RefreshSessionRequest,
    "CloseSession": sessions.CloseSessionRequest,
}


class Script(grpc.GenericRpcHandler):
    """Answers by method name; sessions open by themselves, and every call is remembered."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.tokens: list[str] = []
        self.unary: dict[str, Unary] = {
            "OpenSession": self._open_session,
            "RefreshSession": self._refresh,
            "CloseSession": self._close,
            "Record": self.accept,
        }
        self.stream: dict[str, Stream] = {}
        self.processed = 0
        self.sessions = 0
        self.address = ""

    def of(self, method: str) -> list[Any]:
        """The requests of one method, in order."""
        return [request for name, request in self.calls if name == method]

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        name = handler_call_details.method.rsplit("/", 1)[-1]
        metadata = dict(handler_call_details.invocation_metadata)
        self.tokens.append(str(metadata.get("authorization", "")).removeprefix("Bearer "))
        parse = REQUESTS[name].FromString
        dump = _serialized
        if name in self.stream:
            opened = self._remember_stream(name)
            return grpc.unary_stream_rpc_method_handler(opened, parse, dump)
        return grpc.unary_unary_rpc_method_handler(self._remember(name), parse, dump)

    def _remember(self, name: str) -> Unary:
        async def call(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Message:
            self.calls.append((name, request))
            return await self.unary[name](request, context)

        return call

    def _remember_stream(self, name: str) -> Stream:
        async def call(
            request: Any, context: grpc.aio.ServicerContext[Any, Any]
        ) -> AsyncIterator[Message]:
            self.calls.append((name, request))
            async for frame in self.stream[name](request, context):
                yield frame

        return call

    async def accept(
        self, request: journeys.RecordRequest, _: grpc.aio.ServicerContext[Any, Any]
    ) -> journeys.RecordResponse:
        """Accept every interaction of a batch."""
        results = [
            journeys.RecordResult(
                seq=each.seq, event_id=each.event_id, outcome=Outcome.OUTCOME_ACCEPTED
            )
            for each in request.interactions
        ]
        self.processed = request.interactions[-1].seq
        return journeys.RecordResponse(
            results=results, processed_seq=self.processed, write_token=f"w{self.processed}"
        )

    async def _open_session(
        self, request: sessions.OpenSessionRequest, _: grpc.aio.ServicerContext[Any, Any]
    ) -> sessions.OpenSessionResponse:
        self.sessions += 1
        return sessions.OpenSessionResponse(
            session=Session(
                session_id=f"0.session-{self.sessions}",
                subject_id="mila",
                installation_id=request.installation_id,
            ),
            processed=[Processed(subject_id="mila", seq=self.processed)],
        )

    async def _refresh(
        self, _: sessions.RefreshSessionRequest, __: grpc.aio.ServicerContext[Any, Any]
    ) -> sessions.RefreshSessionResponse:
        return sessions.RefreshSessionResponse()

    async def _close(
        self, _: sessions.CloseSessionRequest, __: grpc.aio.ServicerContext[Any, Any]
    ) -> sessions.CloseSessionResponse:
        return sessions.CloseSessionResponse()


def _serialized(message: Message) -> bytes:
    return message.SerializeToString()


async def refuse(
    context: grpc.aio.ServicerContext[Any, Any],
    reason: str,
    code: grpc.StatusCode,
    *,
    retry_ms: int | None = None,
    **metadata: str,
) -> None:
    """End the call as the service does: ErrorInfo and, if asked for, RetryInfo in the details."""
    told = {"request_id": "req-1", **metadata}
    details: list[Message] = [ErrorInfo(reason=reason, domain="journey", metadata=told)]
    if retry_ms is not None:
        delay = Duration()
        delay.FromMilliseconds(retry_ms)
        details.append(RetryInfo(retry_delay=delay))
    status = Status(code=code.value[0], message=f"refused: {reason}")
    for detail in details:
        packed = Packed()
        packed.Pack(detail)
        status.details.append(packed)
    trailers = (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(code, status.message, trailers)


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[str]:
    """The script on a free port; gives its address."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((script,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    script.address = f"127.0.0.1:{port}"
    try:
        yield script.address
    finally:
        await server.stop(grace=None)
