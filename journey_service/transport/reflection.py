"""The schema for tools such as grpcurl: role developer, or also callers on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import grpc
from google.protobuf.message import Message
from grpc_reflection.v1alpha import reflection
from grpc_reflection.v1alpha.reflection_pb2 import (
    ServerReflectionRequest,
    ServerReflectionResponse,
)

from journey.v1.access_pb2 import LOAD_CLASS_INTERACTIVE, ROLE_DEVELOPER, SCOPE_NONE
from journey_service.transport.methods import Method

# v1 has the messages of v1alpha under another name; the library knows the older one only.
NAMES = ("grpc.reflection.v1.ServerReflection", reflection.SERVICE_NAME)
METHOD = Method(
    service=NAMES[0],
    name="ServerReflectionInfo",
    request=ServerReflectionRequest,
    client_streams=True,
    server_streams=True,
    side_effects=False,
    roles=frozenset({ROLE_DEVELOPER}),
    scope=SCOPE_NONE,
    load=LOAD_CLASS_INTERACTIVE,
    audit=False,
)
# Aborts the call where the caller may not ask.
Guard = Callable[[grpc.aio.ServicerContext[Any, Any]], Awaitable[None]]


def handlers(services: Iterable[str], guard: Guard) -> dict[str, grpc.RpcMethodHandler[Any, Any]]:
    """The reflection method by service name, guarded."""
    servicer = reflection.aio.ReflectionServicer([*services, *NAMES])

    async def reflect(
        requests: AsyncIterator[ServerReflectionRequest],
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> AsyncIterator[Message]:
        await guard(context)
        answers: Any = servicer.ServerReflectionInfo(requests, context)  # the stubs err
        async for answer in answers:
            yield answer

    handler = grpc.stream_stream_rpc_method_handler(
        reflect,
        request_deserializer=ServerReflectionRequest.FromString,
        response_serializer=ServerReflectionResponse.SerializeToString,
    )
    return dict.fromkeys(NAMES, handler)
