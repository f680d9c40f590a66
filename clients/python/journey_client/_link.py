"""The session of a device that works offline: opened when there is network, and opened again."""

from __future__ import annotations

from collections.abc import Callable

from journey.v1.references_pb2 import Queue
from journey.v1.session_service_pb2 import OpenSessionRequest, OpenSessionResponse
from journey_client._calls import Calls
from journey_client._copy import JourneyKey
from journey_client._outbox import Outbox
from journey_client._screen import Screen
from journey_client._sequence import Lines
from journey_client._visits import Visits
from journey_client.clocks import ClockWatch
from journey_client.errors import InstallationCloned
from journey_client.recording import BatchLimits
from journey_client.session import Session


class Link(Session):
    """A session whose acts carry what is on the screen, and whose queue is the outbox."""

    def __init__(
        self,
        calls: Calls,
        clock: ClockWatch,
        request: OpenSessionRequest,
        outbox: Outbox,
        screen: Screen,
        visits: Visits,
    ) -> None:
        super().__init__(calls, clock, request, Lines(), visits)
        self._outbox = outbox
        self._screen = screen

    @property
    def limits(self) -> BatchLimits:
        """How much one batch may hold."""
        return BatchLimits.told(self._opened.limits)

    async def _open_elsewhere(self, error: InstallationCloned) -> None:
        """The queue is numbered for the installation: its owner takes a new id."""
        raise error

    def forget(self, installation_id: str) -> None:
        """The session is another installation's: the next one is opened for this id."""
        self._request.installation_id = installation_id
        self._opened = OpenSessionResponse()

    def wrote(self, write_token: str) -> None:
        """A batch was recorded: reads contain it from now on."""
        self._write_token = write_token or self._write_token

    @property
    def server_clock(self) -> Callable[[], int]:
        """The service's clock as well as it is known, ms since 1970 UTC."""
        return self.server_now_ms

    def _in_sight(self, key: JourneyKey) -> str:
        """Token of what was shown. A whole copy without the journey shows that there is none yet,
        and all others that an act on it may concern, as a submit does a cart."""
        shown, answered = self._screen, self._tokens.get(key, "")
        if key in shown.journeys or (not answered and not shown.truncated):
            return shown.token
        return answered

    def _applied_token(self) -> str:
        return self._screen.token

    def _queues(self) -> list[Queue]:
        return self._outbox.queues()
