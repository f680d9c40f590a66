"""The operations port: /healthz, /readyz, /metrics, for the machine itself and its supervisors.

HTTP/1.1, GET and HEAD, one answer a connection. It holds nothing of any customer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PLAIN = "text/plain; charset=utf-8"
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LONGEST_REQUEST = 8_192
PATIENCE_S = 5.0


class Operations:
    """`alive`: the process answers itself. `ready`: calls should be sent here."""

    def __init__(
        self,
        *,
        alive: Callable[[], bool],
        ready: Callable[[], bool],
        metrics: Callable[[], bytes],
    ) -> None:
        self._alive = alive
        self._ready = ready
        self._metrics = metrics
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self, address: str) -> None:
        """Listen on host:port; port 0 = a free one. Raises OSError."""
        host, _, port = address.rpartition(":")
        self._server = await asyncio.start_server(
            self._serve, host.strip("[]"), int(port), limit=LONGEST_REQUEST
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no longer."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer(head))
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass  # whoever asked so does not wait for an answer
        finally:
            writer.close()

    def _answer(self, head: bytes) -> bytes:
        method, _, rest = head.partition(b"\r\n")[0].partition(b" ")
        if method not in {b"GET", b"HEAD"}:
            return _response(405, PLAIN, b"GET only\n")
        path = rest.partition(b" ")[0].partition(b"?")[0]
        response = self._page(path)
        return response if method == b"GET" else response.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    def _page(self, path: bytes) -> bytes:
        if path == b"/metrics":
            return _response(200, METRICS_TYPE, self._metrics())
        if path == b"/healthz":
            return _yes_or_no(yes=self._alive(), what="alive")
        if path == b"/readyz":
            return _yes_or_no(yes=self._ready(), what="ready")
        return _response(404, PLAIN, b"there are /healthz, /readyz and /metrics\n")


def _yes_or_no(*, yes: bool, what: str) -> bytes:
    return _response(200 if yes else 503, PLAIN, f"{'' if yes else 'not '}{what}\n".encode())


def _response(code: int, kind: str, body: bytes) -> bytes:
    reason = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}
    head = (
        f"HTTP/1.1 {code} {reason[code]}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
