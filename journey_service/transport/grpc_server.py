"""The gRPC edge: the middleware bound to grpc.aio, health, reflection, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, TypeAlias

import grpc
import structlog
from google.rpc.status_pb2 import Status
from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_health.v1.health_pb2_grpc import HealthStub, add_HealthServicer_to_server

from journey_service.application import Application
from journey_service.domain.validation import Validation
from journey_service.observability import CallLog, Metrics
from journey_service.settings import Settings
from journey_service.transport import reflection
from journey_service.transport.admission import Admission
from journey_service.transport.auth import Authenticator
from journey_service.transport.call import Call
from journey_service.transport.health import Health
from journey_service.transport.methods import SERVICES, Method, read_methods
from journey_service.transport.rpc import Chain, Phase, Refused
from journey_service.transport.services.admin import AdminService
from journey_service.transport.services.history import HistoryService
from journey_service.transport.services.identity import IdentityService
from journey_service.transport.services.journey import JourneyService
from journey_service.transport.services.projection import ProjectionService
from journey_service.transport.services.session import SessionService
from journey_service.transport.services.subscription import SubscriptionService

TRANSPORT = "grpc"
REQUEST_ID = "journey-request-id"
DETAILS = "grpc-status-details-bin"
CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}
LAG_SAMPLE_S = 0.1
_HOST_AND_PORT = re.compile(r"\[?(?P<host>[^/\[\]]+?)\]?:(?P<port>[0-9]+)")

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
log = structlog.get_logger("journey.server")


class AddressTaken(OSError):
    """The address cannot be listened on."""


class GrpcServer:
    """Serves an application. `ready` tells whether the journal can be written just now."""

    def __init__(
        self,
        application: Application,
        authenticator: Authenticator,
        validation: Validation,
        *,
        settings: Settings,
        metrics: Metrics,
        call_log: CallLog,
        ready: Callable[[], bool],
    ) -> None:
        methods = read_methods()
        self._settings = settings
        self._metrics = metrics
        self._call_log = call_log
        self._now = time.monotonic
        self._default_s = settings.call_deadline_ms / 1_000
        self.admission = Admission(settings, metrics)
        self.chain = Chain(
            authenticator, self.admission, methods, validation, settings, metrics, call_log
        )
        self._journeys = JourneyService(application, self.chain)
        services = {
            "JourneyService": self._journeys,
            "SessionService": SessionService(application),
            "IdentityService": IdentityService(application),
            "HistoryService": HistoryService(application),
            "SubscriptionService": SubscriptionService(application, self.chain),
            "ProjectionService": ProjectionService(application),
            "AdminService": AdminService(application),
        }
        self._ready = ready
        self.health = Health([service.full_name for service in SERVICES], self._look)
        self._server = grpc.aio.server(options=options(settings))
        self._bind(methods, services)
        self._tasks: list[asyncio.Task[None]] = []
        self._answered_self_at = 0.0
        self.port = 0

    async def start(self) -> None:
        """Listen; serve from the moment that the journal is ready. Raises AddressTaken."""
        address = self._settings.grpc_address
        try:
            if not self._settings.reuse_port:
                refuse_taken(address)
            self.port = self._server.add_insecure_port(address)
        except (RuntimeError, OSError) as error:
            raise AddressTaken(
                f"journey: {address} cannot be listened on: another server has it, or it is not "
                "of this machine. Set JOURNEY_GRPC_ADDRESS."
            ) from error
        await self._server.start()
        self.health.look()
        self._run(self.health.follow(self._settings.health_interval_ms / 1_000))
        self._run(self._watch_loop())
        self._run(self._call_self())

    async def stop(self) -> None:
        """Drain: say so, refuse what can wait, send streams away, end. At most 60 s by default."""
        settings = self._settings
        self.health.drain()
        await asyncio.sleep(settings.drain_notice_ms / 1_000)
        self.chain.phase = Phase.DRAINING
        self._journeys.drain()
        self.health.close()
        await self._server.stop(settings.drain_grace_ms / 1_000)
        await self._journeys.finish()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._call_log.flush()

    def is_alive(self) -> bool:
        """Whether the server answered its own call lately; a damaged loop still accepts calls."""
        silence_s = asyncio.get_running_loop().time() - self._answered_self_at
        return silence_s < 3 * self._settings.self_check_ms / 1_000

    def is_ready(self) -> bool:
        """Whether calls should be sent here."""
        return self.health.serving

    def _look(self) -> bool:
        """Whether the journal is ready; calls are served from the first time on that it is."""
        ready = self._ready()
        if ready and self.chain.phase is Phase.STARTING:
            self.chain.phase = Phase.SERVING
        return ready

    def _bind(self, methods: dict[str, Method], services: dict[str, object]) -> None:
        by_service: dict[str, dict[str, Handler]] = {}
        for method in methods.values():
            service = services[method.service.rpartition(".")[2]]
            by_service.setdefault(method.service, {})[method.name] = self._handler(method, service)
        if self._settings.reflection != "off":
            names = [*by_service, "grpc.health.v1.Health"]
            for name, handler in reflection.handlers(names, self._guard_reflection).items():
                by_service[name] = {reflection.METHOD.name: handler}
        for name, handlers in by_service.items():
            self._server.add_registered_method_handlers(name, handlers)
        add_HealthServicer_to_server(self.health, self._server)

    def _handler(self, method: Method, service: object) -> Handler:
        """The method's function of the service, in the middleware, as gRPC wants it."""
        perform = getattr(service, _snake(method.name))
        if method.client_streams:
            return self._bidi(method, perform)
        if method.server_streams:
            return self._stream(method, perform)
        return self._unary(
            method, perform, getattr(service, f"load_of_{_snake(method.name)}", None)
        )

    def _unary(self, method: Method, perform: Any, load_of: Any) -> Handler:
        answer = self.chain.unary(method, perform, TRANSPORT, load_of=load_of)
        call_of = self._call_of

        async def handle(data: bytes, context: Context) -> bytes:
            call = call_of(method, context)
            context.set_trailing_metadata(((REQUEST_ID, call.request_id),))
            try:
                return await answer(call, data)
            except Refused as refused:
                return await _abort(context, call, refused.status)

        # Bytes in and out: what cannot be parsed is for us to refuse.
        return grpc.unary_unary_rpc_method_handler(handle)

    def _stream(self, method: Method, perform: Any) -> Handler:
        answer = self.chain.stream(method, perform, TRANSPORT)

        async def handle(data: bytes, context: Context) -> None:
            call = await self._open(method, context)
            try:
                await answer(call, data, context.write)
            except Refused as refused:
                await _abort(context, call, refused.status)

        return grpc.unary_stream_rpc_method_handler(handle)

    def _bidi(self, method: Method, perform: Any) -> Handler:
        answer = self.chain.bidi(method, perform, TRANSPORT)

        async def handle(_: object, context: Context) -> None:
            async def read() -> bytes | None:
                data = await context.read()
                return None if data is grpc.aio.EOF else data

            call = await self._open(method, context)
            try:
                await answer(call, read, context.write)
            except Refused as refused:
                await _abort(context, call, refused.status)

        return grpc.stream_stream_rpc_method_handler(handle)

    def _call_of(self, method: Method, context: Context) -> Call:
        now = self._now()
        remaining_s: float | None = context.time_remaining()
        return Call(
            method,
            TRANSPORT,
            context.invocation_metadata() or (),  # type: ignore[arg-type]  # a tuple of pairs
            context.peer,
            now=now,
            deadline=None if remaining_s is None else now + remaining_s,
            default_s=self._default_s,
        )

    async def _open(self, method: Method, context: Context) -> Call:
        """The call of a stream; its id is told at once, because the end may be far."""
        call = self._call_of(method, context)
        await context.send_initial_metadata(((REQUEST_ID, call.request_id),))
        context.set_trailing_metadata(((REQUEST_ID, call.request_id),))
        return call

    async def _guard_reflection(self, context: Context) -> None:
        call = self._call_of(reflection.METHOD, context)
        open_to_all = self._settings.reflection == "loopback" and call.is_local()
        if open_to_all and call.authorization is None:
            return
        try:
            self.chain.authorize(call)
        except Refused as refused:
            await _abort(context, call, refused.status)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work))

    async def _watch_loop(self) -> None:
        """Measure how late the event loop is."""
        now = asyncio.get_running_loop().time
        while True:
            due = now() + LAG_SAMPLE_S
            await asyncio.sleep(LAG_SAMPLE_S)
            lag_s = now() - due
            self._metrics.loop_lag.set(lag_s)
            self.admission.late(lag_s)

    async def _call_self(self) -> None:
        """Ask for the own health over loopback, as others would."""
        interval_s = self._settings.self_check_ms / 1_000
        async with grpc.aio.insecure_channel(self._own_address()) as channel:
            stub: Any = HealthStub(channel)  # the stubs lack its calls
            while True:
                try:
                    await stub.Check(HealthCheckRequest(), timeout=interval_s, wait_for_ready=True)
                except grpc.aio.AioRpcError as error:
                    log.warning("self_check_failed", code=error.code().name)
                else:
                    self._answered_self_at = asyncio.get_running_loop().time()
                await asyncio.sleep(interval_s)

    def _own_address(self) -> str:
        host, _, _ = self._settings.grpc_address.rpartition(":")
        if host.startswith("unix"):
            return self._settings.grpc_address
        everywhere = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104  read, not bound
        return f"{everywhere.get(host, host)}:{self.port}"


def options(settings: Settings) -> list[tuple[str, int]]:
    """The options of the server; why each, is a table of docs and the API page."""
    return [
        ("grpc.so_reuseport", int(settings.reuse_port)),
        ("grpc.max_concurrent_streams", settings.concurrent_streams),
        ("grpc.max_receive_message_length", settings.message_bytes),
        ("grpc.max_metadata_size", settings.metadata_bytes),
        ("grpc.absolute_max_metadata_size", settings.metadata_bytes),
        ("grpc.keepalive_time_ms", settings.keepalive_ms),
        ("grpc.keepalive_timeout_ms", settings.keepalive_timeout_ms),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", settings.client_ping_ms),
        ("grpc.max_connection_age_ms", settings.connection_age_ms),
        ("grpc.max_connection_age_grace_ms", settings.connection_grace_ms),
    ]


def refuse_taken(address: str) -> None:
    """Raise OSError if somebody listens on host:port: gRPC says so in raw lines on stderr."""
    found = _HOST_AND_PORT.fullmatch(address)
    if found is None:  # gRPC knows more ways to write one
        return
    with contextlib.suppress(socket.gaierror):
        for family, kind, _, _, where in socket.getaddrinfo(
            found["host"], int(found["port"]), type=socket.SOCK_STREAM
        ):
            with socket.socket(family, kind) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind(where)


async def _abort(context: Context, call: Call, status: Status) -> NoReturn:
    """End a call with an error; nothing may be awaited afterwards."""
    await context.abort(
        CODES[status.code],
        status.message,
        ((REQUEST_ID, call.request_id), (DETAILS, status.SerializeToString())),
    )
    raise AssertionError("abort raises")


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
