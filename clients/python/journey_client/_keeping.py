"""What a watch asks of whoever keeps its copy over restarts."""

from __future__ import annotations

from journey.v1.journey_service_pb2 import WatchResponse
from journey_client._copy import Copy
from journey_client._error import JourneyError


class FrameKeeper:
    """Who keeps what frames bring, and hears of every change. This one keeps nothing."""

    async def prepare(self) -> None:
        """A stream is about to be opened. Raises JourneyError if it cannot be."""

    async def keep(self, frame: WatchResponse, copy: Copy) -> None:
        """A frame was applied to the copy."""

    async def failed(self, error: JourneyError) -> None:
        """No further stream can help."""

    def changed(self) -> None:
        """The copy or the connection is another."""
