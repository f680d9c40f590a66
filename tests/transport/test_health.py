import asyncio
from typing import Any

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from grpc_reflection.v1alpha.reflection_pb2 import (
    ServerReflectionRequest,
    ServerReflectionResponse,
)

from tests.transport.faulty import until
from tests.transport.serving import Served, reason_of, serving

SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING
SERVICES = (
    "",
    "journey.v1.JourneyService",
    "journey.v1.SessionService",
    "journey.v1.HistoryService",
    "journey.v1.AdminService",
)


async def health(served: Served, service: str = "") -> int:
    stub: Any = HealthStub(served.channel)
    answer = await stub.Check(HealthCheckRequest(service=service))
    return int(answer.status)


async def test_every_service_serves_while_the_journal_can_be_written() -> None:
    async with serving() as served:
        assert [await health(served, service) for service in SERVICES] == [SERVING] * 5
        served.switches["ready"] = False
        await until(lambda: not served.server.is_ready())
        assert [await health(served, service) for service in SERVICES] == [NOT_SERVING] * 5
        served.switches["ready"] = True
        await until(served.server.is_ready)
        assert await health(served) == SERVING


async def test_a_service_that_is_not_served_is_not_found() -> None:
    async with serving() as served:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await health(served, "journey.v1.Other")
        assert raised.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_watch_of_health_tells_changes_to_all_also_when_one_reads_nothing() -> None:
    async with serving() as served:
        stub: Any = HealthStub(served.channel)
        deaf = stub.Watch(HealthCheckRequest())
        watch = stub.Watch(HealthCheckRequest(service=SERVICES[1]))
        assert (await watch.read()).status == SERVING
        for ready, status in ((False, NOT_SERVING), (True, SERVING)):
            served.switches["ready"] = ready
            async with asyncio.timeout(5):
                assert (await watch.read()).status == status
        watch.cancel()
        deaf.cancel()


async def test_a_drain_is_told_before_the_end() -> None:
    async with serving(drain_notice_ms=300) as served:
        stub: Any = HealthStub(served.channel)
        watch = stub.Watch(HealthCheckRequest())
        assert (await watch.read()).status == SERVING
        stopping = asyncio.create_task(served.server.stop())
        assert (await watch.read()).status == NOT_SERVING
        assert await watch.read() is grpc.aio.EOF
        await stopping


async def test_the_server_is_alive_while_it_answers_itself() -> None:
    async with serving(self_check_ms=20) as served:
        await until(served.server.is_alive)
    await until(lambda: not served.server.is_alive())


async def listed(served: Served, metadata: Any = (), version: str = "v1alpha") -> set[str]:
    """The services that reflection names."""
    method = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
    stream: Any = served.channel.stream_stream(method)(metadata=metadata)
    await stream.write(ServerReflectionRequest(list_services="").SerializeToString())
    await stream.done_writing()
    answer = ServerReflectionResponse.FromString(await stream.read())
    await stream.read()
    return {service.name for service in answer.list_services_response.service}


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_tools_on_this_machine_may_ask_for_the_schema(version: str) -> None:
    async with serving() as served:
        names = await listed(served, version=version)
        assert set(SERVICES[1:]) | {"grpc.health.v1.Health"} <= names


async def test_a_caller_behind_a_proxy_is_not_on_this_machine() -> None:
    async with serving() as served:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await listed(served, (("x-forwarded-for", "203.0.113.9"),))
        assert reason_of(raised.value) == "TOKEN_MISSING"


async def test_elsewhere_only_developers_may_ask_for_the_schema() -> None:
    async with serving(reflection="developer") as served:
        for metadata, reason in (((), "TOKEN_MISSING"), (served.as_("device"), "ROLE_NOT_ALLOWED")):
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await listed(served, metadata)
            assert reason_of(raised.value) == reason
        assert SERVICES[1] in await listed(served, served.as_("developer"))


async def test_reflection_can_be_off() -> None:
    async with serving(reflection="off") as served:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await listed(served, served.as_("developer"))
        assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED
