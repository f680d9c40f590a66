"""A loop whose time passes when nothing else is to be done, and a service that a test plays.

Weeks of a device take milliseconds: sleeping moves the clock, and files are written in line.
"""

from __future__ import annotations

import asyncio
import inspect
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from google.protobuf.message import Message

from journey_client._calls import Calls, Method, Retries
from journey_client._credentials import Credentials
from journey_client._error import JourneyError, TimedOut

T = TypeVar("T")
EPOCH_MS = 1_790_000_000_000


class _Skipping(selectors.DefaultSelector):
    """Waits no longer than it takes to see that nothing is there, and notes what was asked for."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> Any:
        found = super().select(0)
        if not found and timeout is None:
            raise AssertionError("nothing will ever happen")
        if not found and timeout:
            self.skipped += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """Sleeping takes no time."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return round(self._skipping.skipped, 6)  # sums of waits are exact to the microsecond


def play(story: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a story to its end on a loop of its own."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(story())
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def now_ms() -> int:
    """True time in the story, ms since it began."""
    return round(asyncio.get_running_loop().time() * 1_000)


@dataclass
class VirtualClocks:
    """A device's clocks in the story; its date may be wrong."""

    wrong_ms: int = 0
    boot_id: str = "boot"
    mono_pauses: bool = False

    def wall_ms(self) -> int:
        return EPOCH_MS + now_ms() + self.wrong_ms

    def mono_ms(self) -> int:
        return now_ms() + 1_000


class InLine(Executor):
    """Work is done when it is asked for."""

    def submit(self, work: Callable[..., T], /, *args: Any, **named: Any) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(work(*args, **named))
        except BaseException as error:  # noqa: BLE001 - it is raised where the work is awaited
            done.set_exception(error)
        return done


class Stream:
    """A server stream that the test feeds."""

    def __init__(self, request: Message) -> None:
        self.request = request
        self.cancelled = False
        self._frames: asyncio.Queue[Message | JourneyError | None] = asyncio.Queue()

    def send(self, *frames: Message | JourneyError | None) -> None:
        """Let these arrive; None is the end, an error breaks it."""
        for frame in frames:
            self._frames.put_nowait(frame)

    async def read(self) -> Message | None:
        frame = await self._frames.get()
        if isinstance(frame, JourneyError):
            raise frame
        return frame

    def cancel(self) -> None:
        self.cancelled = True


Answer = Callable[[Any], Any]


@dataclass
class Call:
    """One call as the service saw it."""

    at_ms: int
    method: str
    request: Any


@dataclass
class Service:
    """What the test answers, by method name; errors are raised, futures waited for."""

    answers: dict[str, Answer] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    new_names: int = 0
    opens: Callable[[Stream], None] = lambda _: None

    def of(self, method: str) -> list[Call]:
        """Calls of one method, in order."""
        return [call for call in self.calls if call.method == method]


class VirtualCalls(Calls):
    """Calls that reach the test's service instead of a network."""

    def __init__(
        self,
        service: Service,
        credentials: Credentials | None = None,
        retries: Retries | None = None,
    ) -> None:
        self._service = service
        retries = retries or Retries(spare=0)
        super().__init__("", credentials or Credentials("token"), retries=retries)

    async def close(self) -> None:
        """Nothing is open."""

    async def reopen(self) -> None:
        self._service.new_names += 1

    async def stream(self, method: Method[Any, Any], request: Any) -> Any:
        await self.credentials.current()
        stream = Stream(request)
        self._note(method, request)
        self._service.streams.append(stream)
        self._service.opens(stream)
        return stream

    async def _try(
        self, method: Method[Any, Any], request: Any, seconds: float, *, bare: bool
    ) -> Any:
        if not bare:
            await self.credentials.current()
        name = self._note(method, request)
        answer = self._service.answers[name](request)
        if inspect.isawaitable(answer):
            try:
                answer = await asyncio.wait_for(answer, seconds)
            except TimeoutError:
                answer = TimedOut(outcome="unknown")
        if isinstance(answer, JourneyError):
            raise answer
        return answer

    def _note(self, method: Method[Any, Any], request: Message) -> str:
        name = method.path.rsplit("/", 1)[-1]
        seen = type(request)()
        seen.CopyFrom(request)
        self._service.calls.append(Call(now_ms(), name, seen))
        return name

    def _open(self) -> Any:
        return None
