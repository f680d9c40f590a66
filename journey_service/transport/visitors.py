"""The door for visitors, who bring no token: two calls that are known by what they send."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterable

from journey.v1.access_pb2 import ROLE_DEVICE
from journey.v1.session_service_pb2 import OpenSessionRequest, RefreshSessionRequest
from journey_service.domain.errors import RateLimited, TokenInvalid, TokenMissing
from journey_service.domain.identity import Principal
from journey_service.settings import Settings
from journey_service.transport.checks import parsed
from journey_service.transport.methods import Method
from journey_service.transport.quotas import Buckets

METHODS = frozenset({"SessionService/OpenSession", "SessionService/RefreshSession"})


class Door:
    """Lets a call in with an app key that opens a session, or with an installation's secret.

    The principal that it gives is a device of nobody yet; whether the secret is the installation's
    the application finds out, and whose subject that is.
    """

    def __init__(
        self,
        settings: Settings,
        app_keys: Iterable[str],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys = [*app_keys]
        self._peers = Buckets(settings.rate_visitors_per_s, settings.rate_visitors_burst, now)
        self._apps = Buckets(
            settings.rate_visitors_of_app_per_s, settings.rate_visitors_of_app_burst, now
        )

    def is_of(self, method: Method) -> bool:
        """Whether visitors may call it without a token."""
        return method.label in METHODS

    def principal(self, method: Method, peer: str, data: bytes) -> Principal:
        """Who calls without a token. Raises TokenMissing, TokenInvalid, RateLimited."""
        if method.request is OpenSessionRequest:
            opening = parsed(OpenSessionRequest, data)
            self._check(opening.app_key, peer)
            installation_id = opening.installation_id
        else:
            if not parsed(RefreshSessionRequest, data).installation_secret:
                raise TokenMissing
            self._take(self._peers, _host(peer))
            installation_id = ""
        return Principal(ROLE_DEVICE, "", installation_id=installation_id, anonymous=True)

    def _check(self, app_key: str, peer: str) -> None:
        """Charge the peer also for keys that are none: who guesses has not many tries."""
        if not app_key:
            raise TokenMissing
        self._take(self._peers, _host(peer))
        if not any(hmac.compare_digest(app_key.encode(), key.encode()) for key in self._keys):
            raise TokenInvalid("The app key is none of this service.")
        self._take(self._apps, app_key)

    @staticmethod
    def _take(buckets: Buckets, key: str) -> None:
        wait_s = buckets.wait_s(key, 1)
        if wait_s:
            error = RateLimited(f"Over the quota: repeat in {wait_s:.1f} s.", quota="visitors")
            error.retry_after_ms = int(wait_s * 1_000) + 1
            raise error
        buckets.take(key, 1)


def _host(peer: str) -> str:
    """Where a call comes from, without the port."""
    return peer.rpartition(":")[0] or peer
