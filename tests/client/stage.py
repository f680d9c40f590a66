"""Plays a vector: a device on a virtual clock, a service that says what the vector says."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict

from journey.v1.interactions_pb2 import CHANNEL_MOBILE_APP, Interaction
from journey.v1.journey_service_pb2 import RecordResponse, WatchResponse
from journey.v1.references_pb2 import Processed
from journey.v1.session_service_pb2 import (
    CloseSessionResponse,
    OpenSessionRequest,
    OpenSessionResponse,
    RefreshSessionResponse,
)
from journey.v1.sessions_pb2 import Device as DeviceFacts
from journey.v1.sessions_pb2 import Session
from journey_client import Device, DeviceSettings, JourneyError, QueueLimits, View
from journey_client._credentials import Credentials
from journey_client._error import OnlineOnly, QueueFull, Unreachable, refusal
from journey_client._kept import VISITOR
from journey_client.connection import ConnectionSettings
from journey_client.session import PROTOCOL
from tests.client.virtual import (
    EPOCH_MS,
    InLine,
    Service,
    Stream,
    VirtualCalls,
    VirtualClocks,
    now_ms,
)

Vector = dict[str, Any]
RESPONSES: Mapping[str, Any] = {
    "OpenSession": OpenSessionResponse,
    "RefreshSession": RefreshSessionResponse,
    "CloseSession": CloseSessionResponse,
    "Record": RecordResponse,
}
METHODS = ("OpenSession", "RefreshSession", "Record", "Watch")
TURNS = 80


async def settle() -> None:
    """Let everything happen that happens now."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


class Stage:
    """One device and its service; sessions open by themselves unless `manual` names them."""

    def __init__(self, store: Path, start: Vector | None = None) -> None:
        self.start: Vector = start or {}
        self.store = store
        self.service = Service()
        self.clocks = VirtualClocks(wrong_ms=self.start.get("clock_wrong_ms", 0))
        self.painted: list[View] = []
        self.rejected: list[tuple[str, str]] = []
        self.overflowed: list[str] = []
        self.refused: list[str] = []
        self.commands: list[str] = []
        self.sessions = 0
        self.asked = 0
        self.device: Device | None = None
        self._waiting: dict[str, list[asyncio.Future[Any]]] = defaultdict(list)
        self._listener: asyncio.Task[None] | None = None
        self.app_key: str = self.start.get("app_key", "")
        for method in RESPONSES:
            self.service.answers[method] = self._answerer(method)

    @property
    def on(self) -> Device:
        """The device, which is on."""
        assert self.device is not None
        return self.device

    @property
    def stream(self) -> Stream:
        """The stream that was opened last."""
        return self.service.streams[-1]

    async def switch_on(self) -> Device:
        """Start the device on what its store holds."""
        request = OpenSessionRequest(
            device=DeviceFacts(device_id="phone", name="phone"),
            channel=CHANNEL_MOBILE_APP,
            protocol=PROTOCOL,
        )
        self.device = Device(
            VirtualCalls(self.service, self._credentials()),
            self.store,
            request,
            account=VISITOR if self.app_key else self.start.get("account", "mila"),
            app_key=self.app_key,
            clocks=self.clocks,
            settings=self._settings(),
            on_rejected=lambda error, item: self.rejected.append((error.reason, item.event_id)),
            on_overflow=lambda item: self.overflowed.append(item.event_id),
            executor=InLine(),
            chance=lambda: self.start.get("chance", 1.0),
        )
        await self.device.start()
        self.device.observe(self.painted.append)
        self._listener = asyncio.create_task(self._listen(self.device))
        await settle()
        return self.device

    async def switch_off(self) -> None:
        """End it at once: nothing more is sent."""
        if self.device is not None:
            device, self.device = self.device, None
            await device.close(flush=False)
            assert self._listener is not None
            await self._listener

    # --- what happens ---

    async def step(self, step: Vector) -> None:
        """Let one thing happen."""
        (what,) = step.keys() - {"at_ms", "why"}
        await getattr(self, f"_{what}")(step[what])
        await settle()

    async def _act(self, acts: list[Vector]) -> None:
        interactions = [ParseDict(act, Interaction()) for act in acts]
        try:
            await self.on.record(*interactions)
        except (QueueFull, OnlineOnly) as error:
            self.refused.append(error.reason)

    async def _frame(self, frame: Vector) -> None:
        self.stream.send(ParseDict(frame, WatchResponse()))

    async def _stream_ends(self, _: bool) -> None:
        self.stream.send(None)

    async def _stream_breaks(self, told: Vector) -> None:
        self.stream.send(error_of(told))

    async def _answer(self, told: Vector) -> None:
        method = told["method"]
        answer = ParseDict(told.get("response", {}), RESPONSES[method]())
        self._waiting[method].pop(0).set_result(answer)

    async def answer(self, method: str, answer: Any) -> None:
        """Answer the call that waits longest."""
        self._waiting[method].pop(0).set_result(answer)
        await settle()

    async def _error(self, told: Vector) -> None:
        self._waiting[told["method"]].pop(0).set_result(error_of(told))

    async def _app(self, told: str) -> None:
        done = getattr(self.on, told)()
        if asyncio.iscoroutine(done):
            await done

    async def _sign_in(self, account: str) -> None:
        await self.on.sign_in(token="token", account=account)

    async def _network(self, told: str) -> None:
        getattr(self.on, f"network_{told}")()

    async def _kill(self, _: bool) -> None:
        await self.switch_off()

    async def _start(self, _: bool) -> None:
        if self.device is None:
            await self.switch_on()
        else:
            await self.device.start()

    async def _storage_lost(self, _: bool) -> None:
        for path in self.store.parent.iterdir():
            path.unlink()

    # --- the service ---

    def _answerer(self, method: str) -> Any:
        by_itself: dict[str, Callable[[Any], Any]] = {
            "OpenSession": self._opens,
            "RefreshSession": lambda _: RefreshSessionResponse(),
            "CloseSession": lambda _: CloseSessionResponse(),
        }

        def answer(request: Any) -> Any:
            if method in by_itself and method not in self.start.get("manual", ()):
                return by_itself[method](request)
            future = asyncio.get_running_loop().create_future()
            self._waiting[method].append(future)
            return future

        return answer

    def _opens(self, request: OpenSessionRequest) -> OpenSessionResponse:
        self.sessions += 1
        subject, epoch = self.start.get("subject_id", "mila"), self.start.get("epoch", 1)
        if request.app_key:
            subject, epoch = "visitor", 0
        return OpenSessionResponse(
            credential="credential" if request.app_key else "",
            installation_secret="" if request.installation_secret else self.start.get("secret", ""),
            session=Session(
                session_id=f"session-{self.sessions}",
                subject_id=subject,
                epoch=epoch,
                installation_id=request.installation_id,
            ),
            processed=[Processed(epoch=epoch, subject_id=subject)],
        )

    def _credentials(self) -> Credentials:
        async def ask() -> str:
            self.asked += 1
            if self.start.get("credential") == "unreachable":
                raise OSError("the identity provider is away")
            return f"token-{self.asked}"

        loop = asyncio.get_running_loop()
        return Credentials("", ask, now_s=loop.time, wall_s=lambda: EPOCH_MS / 1e3 + loop.time())

    def _settings(self) -> DeviceSettings:
        return DeviceSettings(
            connection=ConnectionSettings(**self.start.get("connection", {})),
            queue=QueueLimits(**self.start.get("queue", {})),
        )

    async def _listen(self, device: Device) -> None:
        async for command in device.commands():
            self.commands.append(command.id)
            await device.answer(command)


def error_of(told: Vector) -> JourneyError:
    """An error by its reason on the wire; without one the service was not reached."""
    if "reason" not in told:
        return Unreachable(outcome="unknown")
    return refusal(
        told["reason"],
        metadata=told.get("metadata", {}),
        outcome=told.get("outcome", "none"),
        retry_after_ms=told.get("retry_after_ms"),
    )


# --- what is expected ----------------------------------------------------------------------------


async def play_vector(vector: Vector, store: Path) -> None:
    """Play a vector's steps and compare at each moment that it names. AssertionError: not so."""
    stage = Stage(store, vector.get("start"))
    await stage.switch_on()
    moments = [*vector["steps"], *vector["expect"]]
    seen = 0
    for at_ms in sorted({moment["at_ms"] for moment in moments}):
        await asyncio.sleep(max(0, at_ms - now_ms()) / 1_000)
        await settle()
        for step in vector["steps"]:
            if step["at_ms"] == at_ms:
                await stage.step(step)
        for expected in vector["expect"]:
            if expected["at_ms"] == at_ms:
                _compare(expected, stage, seen)
                if "calls" in expected:
                    seen = len(stage.service.calls)
    await stage.switch_off()


def _compare(expected: Vector, stage: Stage, seen: int) -> None:
    found: dict[str, Any] = {
        "calls": _by_method(
            {"method": call.method, "request": MessageToDict(call.request)}
            for call in stage.service.calls[seen:]
        ),
        "rejected": [reason for reason, _ in stage.rejected],
        "refused": stage.refused,
        "overflowed": stage.overflowed,
        "commands": stage.commands,
        "new_names": stage.service.new_names,
        "credentials_asked": stage.asked,
    }
    if stage.device is not None:
        view = stage.device.view
        found |= {
            "connection": view.connection.state.value,
            "why": view.connection.why,
            "queue": view.connection.queue,
            "lag": view.connection.lag,
            "token": view.token,
            "quarantined": stage.device.quarantined,
            "continue_list": [f"{e.ref.kind}/{e.ref.journey_id}" for e in view.continue_list],
            "journeys": {
                f"{key.kind}/{key.journey_id}": MessageToDict(journey)
                for key, journey in view.journeys.items()
            },
        }
    for name in expected.keys() - {"at_ms"}:
        wanted = _by_method(expected[name]) if name == "calls" else expected[name]
        differs = difference(wanted, found[name], name)
        assert not differs, f"at {expected['at_ms']} ms: {differs}"


def _by_method(calls: Iterable[Vector]) -> dict[str, list[Vector]]:
    """Calls of one method in order; between methods there is none."""
    methods: dict[str, list[Vector]] = {name: [] for name in METHODS}
    for call in calls:
        if call["method"] in METHODS:
            methods[call["method"]].append(call)
    return methods


def difference(wanted: Any, found: Any, path: str) -> str:
    """Where `found` lacks what is wanted; objects may hold more, null must not be there."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name, value in wanted.items():
            if value is None and name not in found:
                continue
            if name not in found:
                return f"{path}.{name} is missing"
            if differs := difference(value, found[name], f"{path}.{name}"):
                return differs
        return ""
    if isinstance(wanted, list) and isinstance(found, list):
        if len(wanted) != len(found):
            return f"{path}: {len(wanted)} wanted, {len(found)} found: {found}"
        pairs = enumerate(zip(wanted, found, strict=True))
        told = (difference(one, other, f"{path}[{at}]") for at, (one, other) in pairs)
        return next((each for each in told if each), "")
    return "" if wanted == found else f"{path}: {wanted!r} wanted, {found!r} found"
