"""How an installation is known again on which nobody is signed in: app key, secret, credential."""

from __future__ import annotations

from journey.v1.session_service_pb2 import (
    OpenSessionRequest,
    OpenSessionResponse,
    RefreshSessionRequest,
)
from journey_client import _methods as methods
from journey_client._calls import Calls
from journey_client._credentials import Credentials
from journey_client._timed import timed_call
from journey_client.clocks import ClockWatch


class Visits:
    """Who uses an installation: a visitor, or a person who signed in.

    A visitor brings the app's key and later the installation's secret, and is given credentials;
    beside an account's credential the secret proves that the visitor was the same person.
    """

    def __init__(self, calls: Calls, clock: ClockWatch, app_key: str, secret: str = "") -> None:
        self._calls = calls
        self._clock = clock
        self._session_id = ""
        self.app_key = app_key
        self.secret = secret
        self.now = False

    def begin(self) -> None:
        """Nobody is signed in: from now on calls are a visitor's."""
        self.now, self._session_id = True, ""
        self._calls.identify(Credentials(provider=self._renewed))

    def end(self, credentials: Credentials) -> None:
        """Somebody signs in: from now on calls are that person's."""
        self.now = False
        self._calls.identify(credentials)

    def ask(self, request: OpenSessionRequest) -> None:
        """Put into a request what opens a session here."""
        request.app_key = self.app_key if self.now else ""
        request.installation_secret = self.secret

    def opened(self, answer: OpenSessionResponse) -> None:
        """Take what a visitor was given; the secret is told once, and is to be kept."""
        self.secret = answer.installation_secret or self.secret
        if self.now:
            self._session_id = answer.session.session_id
            self._calls.credentials.take(answer.credential)

    async def _renewed(self) -> str:
        """The next credential of the visitor's session, for which its secret is enough."""
        if not self._session_id:
            return ""
        answer = await timed_call(
            self._calls,
            self._clock,
            methods.REFRESH_SESSION,
            lambda clock: RefreshSessionRequest(
                session_id=self._session_id, installation_secret=self.secret, clock=clock
            ),
            bare=True,
        )
        return answer.credential
