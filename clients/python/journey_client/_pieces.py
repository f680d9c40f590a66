"""What readers share that keep their place in a store: a piece of a stream, and the stream."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from journey_client._calls import Calls
from journey_client._error import JourneyError
from journey_client.checkpoints import CheckpointStore


@dataclass(slots=True)
class Piece:
    """What is handed over at once. `checkpoint` is the place behind it; empty = none."""

    checkpoint: str
    _consumer: str
    _store: CheckpointStore
    _saved: bool = field(default=False, init=False)

    async def save(self, store: CheckpointStore | None = None) -> None:
        """Store the checkpoint now, instead of after the body; in `store`, if one is given, such
        as PostgresCheckpoints of the connection whose transaction is open."""
        await (store or self._store).save(self._consumer, self.checkpoint)
        self._saved = True

    async def done(self) -> None:
        """The body is done: store the checkpoint, unless it is stored."""
        if self.checkpoint and not self._saved:
            await self.save()


P = TypeVar("P", bound=Piece)


@dataclass(slots=True)
class Pieces(Generic[P]):
    """A stream of them, over all reconnects; see the classes that derive from it."""

    _calls: Calls
    _wanted: Any
    _store: CheckpointStore
    live: bool = False
    lag_events: int = -1
    interrupted_by: JourneyError | None = None
    checkpoint: str = ""
    _open: list[AsyncGenerator[P]] = field(default_factory=list)

    def _begun(self, pieces: AsyncGenerator[P]) -> AsyncGenerator[P]:
        """Note what is to be ended with the stream."""
        self._open.append(pieces)
        return pieces

    async def _done(self, piece: P) -> None:
        """The body is done with it: the place is behind it."""
        if piece.checkpoint and piece.checkpoint != self.checkpoint:
            await piece.done()
            self.checkpoint = piece.checkpoint

    async def close(self) -> None:
        """End the stream; what the body has not finished is handed over again to who comes next."""
        opened, self._open = self._open, []
        for pieces in opened:
            await pieces.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
