"""Who may sign access tokens, with which algorithm and keys. Read at start, never from a token.

A file of issuers is TOML; key_set is a JWK set file beside it:

    [[issuer]]
    name = "https://login.example.org"
    algorithm = "ES256"
    key_set = "login.jwks.json"
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt

SHARED_SECRET = "HS256"  # noqa: S105  the name of an algorithm
RSA = frozenset({"RS256", "PS256"})
ASYMMETRIC = RSA | {"ES256", "EdDSA"}
LEAST_RSA_BITS = 2_048
LEAST_SECRET_BYTES = 32


class IssuersError(ValueError):
    """The issuers cannot be used; the text names the file, the issuer and the rule."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """One signer. `keys` by key id; a single key may stand under the empty id.

    `local_only`: its tokens are taken from callers on this machine alone. `visitors`: its tokens
    are given by this service to who has no account.
    """

    name: str
    algorithm: str
    keys: Mapping[str, Any] = field(repr=False)
    local_only: bool = False
    visitors: bool = False

    def key(self, key_id: str | None) -> Any:
        """The key a token names; None where there is none. One key needs no name."""
        if not key_id and len(self.keys) == 1:
            return next(iter(self.keys.values()))
        return self.keys.get(key_id or "")


def development_issuer(name: str, secret: bytes) -> Issuer:
    """The issuer whose tokens are signed with this installation's own secret."""
    if len(secret) < LEAST_SECRET_BYTES:
        raise IssuersError(
            f"the secret of {name} has {len(secret)} bytes, not {LEAST_SECRET_BYTES}"
        )
    return Issuer(name, SHARED_SECRET, {"": secret}, local_only=True)


def visitor_issuer(name: str, secret: bytes) -> Issuer:
    """The issuer of the credentials that visitors are given, signed by this installation."""
    return Issuer(name, SHARED_SECRET, {"": secret}, visitors=True)


def load_issuers(path: Path) -> list[Issuer]:
    """The issuers of a file. Raises IssuersError."""
    try:
        listed = tomllib.loads(path.read_text("utf-8")).get("issuer", [])
        issuers = [_issuer(path, entry) for entry in listed]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, jwt.PyJWTError) as error:
        raise IssuersError(f"{path}: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise IssuersError(
            f"{path}: each [[issuer]] has name, algorithm and key_set ({error})"
        ) from error
    if not issuers:
        raise IssuersError(f"{path}: no [[issuer]] in it")
    return issuers


def by_name(issuers: Iterable[Issuer]) -> dict[str, Issuer]:
    """Issuers by the `iss` of their tokens. Raises IssuersError where two share it."""
    found: dict[str, Issuer] = {}
    for issuer in issuers:
        if issuer.name in found:
            raise IssuersError(f"there are two issuers {issuer.name}")
        found[issuer.name] = issuer
    return found


def _issuer(path: Path, entry: Mapping[str, str]) -> Issuer:
    name, algorithm = entry["name"], entry["algorithm"]
    if algorithm not in ASYMMETRIC:
        raise IssuersError(
            f"{path}: algorithm {algorithm!r} of {name} is none of {', '.join(sorted(ASYMMETRIC))}"
        )
    keys = _keys(path.parent / entry["key_set"], algorithm)
    return Issuer(name, algorithm, keys)


def _keys(path: Path, algorithm: str) -> dict[str, Any]:
    try:
        listed = json.loads(path.read_text("utf-8"))["keys"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IssuersError(f"{path}: no JWK set ({error})") from error
    keys: dict[str, Any] = {}
    for described in listed:
        key = jwt.PyJWK.from_dict(described, algorithm)
        if algorithm in RSA and key.key.key_size < LEAST_RSA_BITS:
            raise IssuersError(f"{path}: key {key.key_id} is shorter than {LEAST_RSA_BITS} bits")
        keys[key.key_id or ""] = key.key
    if not keys:
        raise IssuersError(f"{path}: no key in it")
    return keys
