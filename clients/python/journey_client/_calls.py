"""One connection to a service: channel, credentials, deadlines, and repeats of unary calls."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from journey.v1 import errors_pb2 as reasons
from journey_client._credentials import Credentials
from journey_client._error import JourneyError, TimedOut, from_call

Ask = TypeVar("Ask", bound=Message)
Answer = TypeVar("Answer", bound=Message)
DEFAULT_TIMEOUT_MS = 5_000


@dataclass(frozen=True, slots=True)
class Retries:
    """How unary calls are repeated: full jitter, doubling, inside the caller's deadline.

    At most one repeat for each `calls_per_retry` calls, `spare` saved up; the service is spared
    when it is in trouble.
    """

    first_ms: int = 200
    longest_ms: int = 60_000
    calls_per_retry: int = 10
    spare: int = 20

    def wait_ms(self, tried: int, chance: float) -> float:
        """Wait before the next try after `tried` failed ones; `chance` is in [0, 1)."""
        return chance * min(self.longest_ms, self.first_ms << min(tried, 20))


@dataclass(frozen=True, slots=True)
class Method(Generic[Ask, Answer]):
    """One RPC: path on the wire and its two messages."""

    path: str
    request: type[Ask]
    answer: type[Answer]


class Calls:
    """Makes calls of one caller. Close it when done."""

    def __init__(
        self,
        address: str,
        credentials: Credentials,
        *,
        tls: grpc.ChannelCredentials | None = None,
        service: bool = False,
        retries: Retries | None = None,
        timeout_ms: int = DEFAULT_TIMEOUT_MS,
    ) -> None:
        if timeout_ms < 1:
            raise ValueError(f"timeout_ms must be at least 1; is {timeout_ms:,}")
        self.retries = retries or Retries()
        self.timeout_ms = timeout_ms
        self._address = address
        self.credentials = credentials
        self._tls = tls
        self._options = _channel_options(service=service)
        self._channel = self._open()
        self._budget = float(self.retries.spare)
        self._chance = random.Random()  # noqa: S311 - spreads repeats, guards nothing

    def identify(self, credentials: Credentials) -> None:
        """Somebody else calls from now on."""
        self.credentials = credentials

    async def close(self) -> None:
        """Break the connection; calls in flight fail."""
        await self._channel.close()

    async def unary(
        self,
        method: Method[Ask, Answer],
        make: Callable[[], Ask],
        *,
        timeout_ms: int | None = None,
        failed: Callable[[JourneyError], None] | None = None,
        bare: bool = False,
    ) -> Answer:
        """Call until there is an answer, an error that repeats cannot mend, or no time left.

        `make` builds the request of each try, so that it carries the clocks of that moment; its
        ids must stay. `failed` hears of every failed try. `bare`: without the credential. Raises
        JourneyError.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + (self.timeout_ms if timeout_ms is None else timeout_ms) / 1_000
        self._budget = min(self._budget + 1 / self.retries.calls_per_retry, self.retries.spare)
        tried, renewed = 0, False
        while True:
            try:
                return await self._try(method, make(), end - loop.time(), bare=bare)
            except JourneyError as error:
                if failed is not None:
                    failed(error)
                if _wants_new_credential(error) and not renewed and not bare:
                    renewed = True
                    await self.credentials.renew()
                    continue
                wait = self._wait_seconds(error, tried)
                if wait is None or loop.time() + wait >= end or self._budget < 1:
                    raise
            tried += 1
            self._budget -= 1
            await asyncio.sleep(wait)

    async def stream(
        self, method: Method[Ask, Answer], request: Ask
    ) -> grpc.aio.UnaryStreamCall[Message, Answer]:
        """Open a server stream without deadline; reading it raises AioRpcError."""
        opener = self._channel.unary_stream(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.answer.FromString,
        )
        return opener(request, metadata=await self._metadata())

    async def bidi(self, method: Method[Ask, Answer]) -> grpc.aio.StreamStreamCall[Message, Answer]:
        """Open a stream both ways without deadline; using it raises AioRpcError."""
        opener = self._channel.stream_stream(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.answer.FromString,
        )
        return opener(metadata=await self._metadata())

    async def renew_credential(self) -> str:
        """Ask the provider for a new credential and use it from now on."""
        return await self.credentials.renew()

    @property
    def credential_due(self) -> bool:
        """Whether three quarters of the credential's life are over."""
        return self.credentials.due

    @property
    def credential_due_in_s(self) -> float:
        """Seconds until three quarters of the credential's life are over."""
        return self.credentials.due_in_s

    async def reopen(self) -> None:
        """Take a new connection, with names resolved anew; calls in flight end first."""
        before, self._channel = self._channel, self._open()
        await before.close(grace=1.0)

    async def _try(
        self, method: Method[Ask, Answer], request: Ask, seconds: float, *, bare: bool
    ) -> Answer:
        if seconds <= 0:
            raise TimedOut
        caller = self._channel.unary_unary(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.answer.FromString,
        )
        try:
            metadata = () if bare else await self._metadata()
            return await caller(request, metadata=metadata, timeout=seconds)
        except grpc.aio.AioRpcError as error:
            raise from_call(error) from error

    async def _metadata(self) -> tuple[tuple[str, str], ...]:
        token = await self.credentials.current()
        return (("authorization", f"Bearer {token}"),) if token else ()

    def _wait_seconds(self, error: JourneyError, tried: int) -> float | None:
        """Wait before the next try; None if another one cannot help."""
        if not error.retryable:
            return None
        drawn = self.retries.wait_ms(tried, self._chance.random())
        return max(drawn, error.retry_after_ms or 0) / 1_000

    def _open(self) -> grpc.aio.Channel:
        if self._tls is None:
            return grpc.aio.insecure_channel(self._address, options=self._options)
        return grpc.aio.secure_channel(self._address, self._tls, options=self._options)


def _wants_new_credential(error: JourneyError) -> bool:
    return error.action == reasons.CLIENT_ACTION_RENEW_CREDENTIAL


def _channel_options(*, service: bool) -> list[tuple[str, int]]:
    """Own retries only; dead links are found by pings; a stalled reader is felt soon."""
    ping_ms, pong_ms = (6_000, 3_000) if service else (30_000, 15_000)
    return [
        ("grpc.enable_retries", 0),
        ("grpc.keepalive_time_ms", ping_ms),
        ("grpc.keepalive_timeout_ms", pong_ms),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.bdp_probe", int(service)),
        # Two clients in one process are two devices, not one connection.
        ("grpc.use_local_subchannel_pool", 1),
        # Repeats wait by our own rule; the channel must not refuse them for longer.
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 1_000),
        ("grpc.max_reconnect_backoff_ms", 2_000),
    ]
