"""The caller's credential: a fixed token, or a provider that is asked again in good time."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from journey_client._error import JourneyError, Unreachable

# Awaited for a bearer token, at the first call and whenever three quarters of its life are over.
CredentialProvider = Callable[[], Awaitable[str]]
# A credential is renewed when this share of its life is over.
RENEW_AT = 0.75


class Credentials:
    """The bearer token in use. With a provider it is renewed at 75 % of its life."""

    def __init__(
        self,
        token: str = "",
        provider: CredentialProvider | None = None,
        *,
        now_s: Callable[[], float] = time.monotonic,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        self._token = token
        self._provider = provider
        self._now_s = now_s
        self._wall_s = wall_s
        self._due_at = float("inf")
        self._asking = asyncio.Lock()

    @property
    def due(self) -> bool:
        """Whether a new one can and should be asked for."""
        return self._provider is not None and self.due_in_s <= 0

    @property
    def due_in_s(self) -> float:
        """Seconds until a new one is to be asked for; infinite if that is not known."""
        return self._due_at - self._now_s()

    def take(self, token: str) -> None:
        """Use a token that came without being asked for."""
        self._token = token
        self._due_at = self._now_s() + RENEW_AT * life_seconds(token, self._wall_s())

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
                self.take(await self._ask(self._provider))
        return self._token

    @staticmethod
    async def _ask(provider: CredentialProvider) -> str:
        """What the provider gives; what goes wrong there is no answer, and asked for again."""
        try:
            return await provider()
        except JourneyError:
            raise
        except Exception as error:
            raise Unreachable(f"The provider gave no credential: {error!r}") from error


def life_seconds(token: str, now_s: float | None = None) -> float:
    """How long a JWT lives, from its own claims (unverified); infinite if they do not say.

    `now_s` is Unix time; unset: this machine's.
    """
    try:
        claims = claims_of(token)
        now_s = time.time() if now_s is None else now_s
        return float(claims["exp"]) - max(float(claims.get("iat", 0)), now_s)
    except (KeyError, TypeError, ValueError):
        return float("inf")


def account_of(token: str) -> str:
    """Whose token it is, from its own claims (unverified); empty if they do not say."""
    try:
        return str(claims_of(token).get("sub", ""))
    except ValueError:
        return ""


def claims_of(token: str) -> dict[str, Any]:
    """What a JWT claims, unverified. Raises ValueError."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, binascii.Error) as error:
        raise ValueError("no JWT") from error
    if not isinstance(claims, dict):
        raise ValueError("no claims")  # noqa: TRY004 - one error for all that is no JWT
    return claims
