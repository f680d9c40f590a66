"""From the bearer token of a call to its principal, and development tokens for people.

Verified tokens are remembered by hash until they end, so that a call costs microseconds.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import jwt

from journey.v1.access_pb2 import (
    ROLE_DEVICE,
    ROLE_STAFF,
    Role,
)
from journey_service.config import Settings
from journey_service.domain.errors import TokenExpired, TokenInvalid, TokenMissing
from journey_service.domain.identity import Principal, subject_id_of_account
from journey_service.transport.issuers import Issuer, by_name
from journey_service.transport.mint import MAX_ID_CHARS, ROLES
from journey_service.transport.visitors import Door

SHORT_LIVED = frozenset({ROLE_DEVICE, ROLE_STAFF})
REQUIRED_CLAIMS = ("iss", "aud", "iat", "exp", "sub")
TYPES = frozenset({"jwt", "at+jwt"})
SCHEME = "Bearer "
_LOCAL_PEERS = ("ipv4:127.", "ipv6:%5B::1%5D:", "ipv6:[::1]:", "unix:", "unix-abstract:")
# What hostile claims can make of numbers and of the parser.
_MALFORMED = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)


class Verified(NamedTuple):
    """A token that was verified; `ends_s` is Unix time with the leeway in it."""

    principal: Principal
    ends_s: float
    local_only: bool


def is_local(peer: str) -> bool:
    """Whether a gRPC peer is on this machine: 127/8, ::1 or a Unix socket."""
    return peer.startswith(_LOCAL_PEERS)


class Authenticator:
    """Verifies access tokens of the issuers it was given, and of nobody else."""

    def __init__(
        self,
        issuers: Iterable[Issuer],
        settings: Settings,
        *,
        identity_key: bytes,
        app_keys: Iterable[str] = (),
        now_s: Callable[[], float] = time.time,
    ) -> None:
        """`app_keys` let visitors in, who have no token yet."""
        self.door = Door(settings, app_keys)
        self._issuers = by_name(issuers)
        self._settings = settings
        self._identity_key = identity_key
        self._now_s = now_s
        self._leeway_s = settings.token_leeway_ms / 1_000
        self._remembered: dict[bytes, Verified] = {}

    def principal(self, authorization: str | None, local: Callable[[], bool]) -> Principal:
        """Who calls. `authorization` is the metadata value, `local` tells whether from here.

        Raises TokenMissing, TokenInvalid, TokenExpired.
        """
        token = self._token(authorization)
        digest = hashlib.blake2b(token.encode(), digest_size=32).digest()
        verified = self._remembered.get(digest)
        if verified is None:
            verified = self._verified(token)
            self._remember(digest, verified)
        elif verified.ends_s <= self._now_s():
            del self._remembered[digest]
            raise TokenExpired
        if verified.local_only and not local():
            raise TokenInvalid("Development tokens are taken from callers on this machine alone.")
        return verified.principal

    def _token(self, authorization: str | None) -> str:
        if not authorization:
            raise TokenMissing
        if not authorization.startswith(SCHEME):
            raise TokenInvalid("The metadata `authorization` must be `Bearer TOKEN`.")
        if len(authorization) > self._settings.token_bytes + len(SCHEME):
            raise TokenInvalid(f"The credential is longer than {self._settings.token_bytes} bytes.")
        return authorization[len(SCHEME) :]

    def _verified(self, token: str) -> Verified:
        try:
            return self._verify(token)
        except jwt.ExpiredSignatureError:
            raise TokenExpired from None
        except _MALFORMED as error:
            said = str(error) if isinstance(error, jwt.PyJWTError) else "a claim is malformed"
            raise TokenInvalid(f"The credential cannot be verified: {said}.") from None

    def _verify(self, token: str) -> Verified:
        header = jwt.get_unverified_header(token)
        if "crit" in header:
            raise jwt.InvalidTokenError("critical extensions are not understood")
        if str(header.get("typ", "")).lower() not in TYPES:
            raise jwt.InvalidTokenError("typ is not JWT or at+jwt")
        issuer = self._issuer(token)
        key = issuer.key(header.get("kid"))
        if key is None:
            raise jwt.InvalidTokenError("the key is unknown")
        claims = jwt.decode(
            token,
            key,
            algorithms=[issuer.algorithm],
            audience=self._settings.audience,
            issuer=issuer.name,
            options={
                "require": list(REQUIRED_CLAIMS),
                "enforce_minimum_key_length": True,
                # Looked at below, by another clock.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        self._check_times(claims)
        principal = self._principal_of(claims)
        if issuer.visitors:
            principal = replace(principal, anonymous=True, epoch=int(claims["epoch"]))
        return Verified(principal, int(claims["exp"]) + self._leeway_s, issuer.local_only)

    def _issuer(self, token: str) -> Issuer:
        """The issuer that the token claims to be of; its algorithm and keys judge that."""
        claimed = jwt.decode(token, options={"verify_signature": False}).get("iss")
        issuer = self._issuers.get(claimed) if isinstance(claimed, str) else None
        if issuer is None:
            raise jwt.InvalidIssuerError("the issuer is not trusted here")
        return issuer

    def _principal_of(self, claims: Mapping[str, Any]) -> Principal:
        role = ROLES.get(_text(claims, "role"))
        if role is None:
            raise jwt.InvalidTokenError(f"role is none of {', '.join(ROLES)}")
        self._check_life(claims, role)
        return Principal(
            role=role,
            id=_text(claims, "sub", required=True),
            subject_id=self._subject_of(claims, role),
            expires_at_ms=int(claims["exp"]) * 1_000,
            token_id=_text(claims, "jti"),
            scopes=_scopes(claims),
            installation_id=_text(claims, "installation_id"),
            issued_at_ms=int(claims["iat"]) * 1_000,
            limit_group=_text(claims, "limit_group"),
            lease_limits=_listed(claims, "lease_limits"),
        )

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        """By the time that all processes share: this machine's wall clock may be off."""
        now_s = self._now_s()
        if int(claims["exp"]) <= now_s - self._leeway_s:
            raise jwt.ExpiredSignatureError("it has ended")
        if max(int(claims[name]) for name in ("iat", "nbf") if name in claims) > (
            now_s + self._leeway_s
        ):
            raise jwt.ImmatureSignatureError("it is not yet valid")

    def _check_life(self, claims: Mapping[str, Any], role: Role) -> None:
        short = role in SHORT_LIVED
        longest = self._settings.device_token_life_ms if short else self._settings.token_life_ms
        if (int(claims["exp"]) - int(claims["iat"])) * 1_000 > longest:
            raise jwt.InvalidTokenError(f"it lives longer than {longest // 1_000} s")

    def _subject_of(self, claims: Mapping[str, Any], role: Role) -> str:
        if role == ROLE_STAFF:
            return _text(claims, "case")
        if role != ROLE_DEVICE:
            return ""
        return _text(claims, "subject_id") or subject_id_of_account(
            self._identity_key, _text(claims, "sub", required=True)
        )

    def _remember(self, digest: bytes, verified: Verified) -> None:
        """Keep it; when full, what has ended goes first, then the oldest eighth."""
        most = self._settings.token_cache_entries
        if len(self._remembered) >= most:
            now_s = self._now_s()
            live = [item for item in self._remembered.items() if item[1].ends_s > now_s]
            self._remembered = dict(live[-(most * 7 // 8) :])
        self._remembered[digest] = verified


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    listed = claims.get("scope", "")
    if not isinstance(listed, str):
        raise jwt.InvalidTokenError("scope is no text")
    return frozenset(listed.split())


def _listed(claims: Mapping[str, Any], name: str) -> str:
    """A claim that is a list of words with spaces between them."""
    listed = claims.get(name, "")
    if not isinstance(listed, str) or len(listed) > MAX_ID_CHARS:
        raise jwt.InvalidTokenError(f"{name} is no text")
    return listed


def _text(claims: Mapping[str, Any], name: str, *, required: bool = False) -> str:
    """A claim that is an id: at most 128 printable characters without spaces."""
    value = claims.get(name, "")
    fits = isinstance(value, str) and len(value) <= MAX_ID_CHARS
    if not fits or (value and (not value.isprintable() or " " in value)):
        raise jwt.InvalidTokenError(f"{name} is no id")
    if required and not value:
        raise jwt.InvalidTokenError(f"{name} is empty")
    return str(value)
