"""Development tokens, made for people on this machine.

Apart from what verifies tokens, and signed by the standard library (HS256, RFC 7515): each client
command makes one, and loading the cryptography for all algorithms takes longer than its call.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey.v1.access_pb2 import (
    ROLE_DEVELOPER,
    ROLE_DEVICE,
    ROLE_OPERATOR,
    ROLE_SERVICE,
    ROLE_STAFF,
    Role,
)

if TYPE_CHECKING:
    from journey_service.domain.identity import Principal

ROLES: Mapping[str, Role] = {
    "device": ROLE_DEVICE,
    "staff": ROLE_STAFF,
    "service": ROLE_SERVICE,
    "developer": ROLE_DEVELOPER,
    "operator": ROLE_OPERATOR,
}

# Ids in tokens have at most so many printable characters, and no spaces.
MAX_ID_CHARS = 128


@dataclass(frozen=True, slots=True)
class Mint:
    """Makes development tokens; they work for callers on the same machine as the service."""

    secret: bytes
    issuer: str
    audience: str

    def token(
        self,
        role: str,
        subject: str,
        *,
        life_s: int = 900,
        scopes: Iterable[str] = (),
        now_s: float | None = None,
        **claims: str,
    ) -> str:
        """A signed token. `claims`: subject_id, case, installation_id; empty ones are left out."""
        if role not in ROLES:
            raise ValueError(f"role {role!r} is none of {', '.join(ROLES)}")
        issued_s = int(time.time() if now_s is None else now_s)
        payload: dict[str, object] = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": subject,
            "role": role,
            "iat": issued_s,
            "exp": issued_s + life_s,
            "jti": str(uuid.uuid4()),
        }
        payload |= {name: value for name, value in claims.items() if value}
        if joined := " ".join(sorted(scopes)):
            payload["scope"] = joined
        return _signed(payload, self.secret)

    def visitor_token(self, visitor: Principal, now_ms: int) -> str:
        """The credential of a visitor, from now to the end that the principal names."""
        return self.token(
            "device",
            visitor.id,
            life_s=visitor.expires_at_ms // 1_000 - now_ms // 1_000,
            now_s=now_ms / 1_000,
            subject_id=visitor.subject_id,
            installation_id=visitor.installation_id,
            epoch=str(visitor.epoch),
        )


def _signed(payload: Mapping[str, object], secret: bytes) -> str:
    """A JSON Web Token under a shared secret."""
    parts = ({"alg": "HS256", "typ": "JWT"}, payload)
    content = b".".join(_base64(json.dumps(part).encode()) for part in parts)
    signature = _base64(hmac.digest(secret, content, hashlib.sha256))
    return (content + b"." + signature).decode()


def _base64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
