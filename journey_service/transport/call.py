"""One call, as the middleware sees it, whatever transport it came over."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from journey_service.domain.identity import Principal
from journey_service.transport.auth import is_local
from journey_service.transport.methods import Method

TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)


class Call:
    """One call: who, what, until when. Times are loop time in seconds."""

    __slots__ = (
        "authorization", "brought_deadline", "bytes_in", "bytes_out", "deadline", "forwarded",
        "method", "peer", "principal", "queued_s", "request_id", "rest", "session_id", "started",
        "subject_id", "trace_id", "transport",
    )  # fmt: skip

    principal: Principal
    # Of a stream: while this is open nothing is read for it, and others have its place.
    rest: Callable[[], AbstractAsyncContextManager[None]]

    def __init__(
        self,
        method: Method,
        transport: str,
        metadata: Sequence[tuple[str, Any]],
        peer: Callable[[], str],
        *,
        now: float,
        deadline: float | None,
        default_s: float,
    ) -> None:
        self.method = method
        self.transport = transport
        self.peer = peer
        self.started = now
        self.brought_deadline = deadline is not None
        self.deadline = now + default_s if deadline is None else deadline
        self.request_id = os.urandom(8).hex()
        self.trace_id = self.subject_id = self.session_id = ""
        self.authorization: str | None = None
        self.forwarded = False
        self.bytes_in = self.bytes_out = 0
        self.queued_s = 0.0
        for key, value in metadata:
            if key == "authorization":
                self.authorization = value
            elif key == "traceparent":
                found = TRACEPARENT.fullmatch(value)
                self.trace_id = found[1] if found else ""
            elif key in {"x-forwarded-for", "forwarded"}:
                self.forwarded = True

    def is_local(self) -> bool:
        """Whether the caller itself is on this machine, and no proxy speaks for it."""
        return not self.forwarded and is_local(self.peer())
