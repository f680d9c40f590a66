"""The caller's credential: a fixed token, or a provider that is asked again in good time."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import time
from collections.abc import Awaitable, Callable

# Awaited for a bearer token, at the first call and whenever three quarters of its life are over.
CredentialProvider = Callable[[], Awaitable[str]]
# A credential is renewed when this share of its life is over.
RENEW_AT = 0.75


class Credentials:
    """The bearer token in use. With a provider it is renewed at 75 % of its life."""

    def __init__(self, token: str = "", provider: CredentialProvider | None = None) -> None:
        self._token = token
        self._provider = provider
        self._due_at = float("inf")
        self._asking = asyncio.Lock()

    @property
    def due(self) -> bool:
        """Whether a new one can and should be asked for."""
        return self._provider is not None and time.monotonic() >= self._due_at

    async def current(self) -> str:
        """The token for the next call; empty if there is none."""
        if self._provider is not None and (not self._token or self.due):
            await self.renew()
        return self._token

    async def renew(self) -> str:
        """Ask the provider; without one the token stays as it is."""
        if self._provider is None:
            return self._token
        known = self._token
        async with self._asking:
            if self._token == known:
                self._token = await self._provider()
                self._due_at = time.monotonic() + RENEW_AT * life_seconds(self._token)
        return self._token


def life_seconds(token: str) -> float:
    """How long a JWT lives, from its own claims (unverified); infinite if they do not say."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["exp"]) - max(float(claims.get("iat", 0)), time.time())
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return float("inf")
