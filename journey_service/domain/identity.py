"""Whose stream it is: ids computed from what is known, and how far a caller reaches.

Ids are computed and never drawn, so first event and sign-in may come in any order, at any process.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import zlib
from dataclasses import dataclass

from journey.v1.access_pb2 import (
    ROLE_DEVELOPER,
    ROLE_DEVICE,
    ROLE_OPERATOR,
    ROLE_SERVICE,
    ROLE_STAFF,
    Role,
)
from journey_service.domain.errors import CustomerMismatch, FieldViolations, ScopeMissing

DEFAULT_PARTITION_COUNT = 64
ID_LETTERS = 26
# Entropy of an id of that many base32 letters.
ID_BYTES = 17
# A service has the groups that its scopes name: group.billing, group.shop-*, group.*
GROUP_SCOPE = "group."
# A developer has the groups that are named as one's own.
DEVELOPERS_GROUPS = "dev-"

_SESSION_ID = re.compile(r"(0|[1-9][0-9]{0,8})\.[a-z2-7]{26}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, from a verified credential and never from a message.

    `id` is the credential's `sub`, `issued_at_ms` its time of issue. `subject_id` is the device's
    own subject or the staff's open case, empty for services, developers and operators.
    `installation_id` is empty where the credential is bound to none. `lease_limits`, as
    "media=2", count for the `limit_group`, or for the subject. `anonymous`: a visitor, without
    account, whose subject is that of the installation and its sign-in `epoch`.
    """

    role: Role
    id: str
    subject_id: str = ""
    expires_at_ms: int = 0
    token_id: str = ""
    scopes: frozenset[str] = frozenset()
    installation_id: str = ""
    issued_at_ms: int = 0
    limit_group: str = ""
    lease_limits: str = ""
    anonymous: bool = False
    epoch: int = 0


def partition_of(subject_id: str, partition_count: int = DEFAULT_PARTITION_COUNT) -> int:
    """The slice of the journal that holds the subject's stream; clients compute the same."""
    return zlib.crc32(subject_id.encode()) % partition_count


def subject_id_of_account(identity_key: bytes, account: str) -> str:
    """The subject of a signed-in person: 26 lower-case base32 letters.

    `account` is the `sub` that the brand's identity provider gives. The key is made with the
    database and never changes, so the id never does.
    """
    return _letters(hmac.digest(identity_key, b"registered\0" + account.encode(), hashlib.sha256))


def subject_id_of_visitor(identity_key: bytes, installation_id: str, epoch: int) -> str:
    """The subject of who uses an installation without account: 26 lower-case base32 letters.

    `epoch` counts the sign-outs on the installation, so that the next person is another one.
    """
    parts = b"\0".join([b"anonymous", installation_id.encode(), str(epoch).encode()])
    return _letters(hmac.digest(identity_key, parts, hashlib.sha256))


def identity_check(identity_key: bytes, journal_id: str) -> bytes:
    """32 bytes by which a journal knows its identity key again; they do not give it away."""
    return hmac.digest(identity_key, b"check\0" + journal_id.encode(), hashlib.sha256)


def keyed_hash(key: bytes, label: str, value: str) -> str:
    """What is kept of a secret that clients send: 64 hex digits, equal for equal secrets.

    `label` keeps a code of one sort from being taken for one of another.
    """
    content = b"\0".join([b"secret", label.encode(), value.encode()])
    return hmac.digest(key, content, hashlib.sha256).hex()


def installation_secret(key: bytes, installation_id: str, command_id: str) -> str:
    """The secret of a visitors' installation: 26 base32 letters, the same for a repeated command,
    so that a repeat can be answered though only the hash of it is kept."""
    parts = b"\0".join([b"installation secret", installation_id.encode(), command_id.encode()])
    return _letters(hmac.digest(key, parts, hashlib.sha256))


def session_id_of(subject_id: str, partition_count: int, entropy: bytes) -> str:
    """A new session's id: its partition, so that it is found without a lookup, and 26 letters.

    `entropy` is at least ID_BYTES random bytes.
    """
    return f"{partition_of(subject_id, partition_count)}.{_letters(entropy)}"


def partition_of_session(session_id: str, partition_count: int) -> int | None:
    """The partition that a session's row lies in; None where no session can have that id."""
    found = _SESSION_ID.fullmatch(session_id)
    if found is None or int(found[1]) >= partition_count:
        return None
    return int(found[1])


def reach(principal: Principal, subject_id: str) -> str:
    """The subject that a request names, if the caller reaches it; empty = the caller's own.

    Compared before anything is looked up, so foreign, unknown and erased subjects look alike.
    Raises CustomerMismatch, and FieldViolations where a service or developer names nobody.
    """
    if principal.role in {ROLE_DEVICE, ROLE_STAFF}:
        own = principal.subject_id
        if not own or (subject_id and subject_id != own):
            raise CustomerMismatch
        return own
    if principal.role not in {ROLE_SERVICE, ROLE_DEVELOPER, ROLE_OPERATOR}:
        raise CustomerMismatch
    if not subject_id:
        raise FieldViolations.one("subject_id", "is required of all but devices and staff")
    return subject_id


def reaches_group(principal: Principal, group_id: str) -> bool:
    """Whether a caller has a group: services by scope, developers by its name, operators all."""
    if principal.role == ROLE_OPERATOR:
        return True
    if principal.role == ROLE_DEVELOPER:
        return group_id.startswith(DEVELOPERS_GROUPS)
    wanted = GROUP_SCOPE + group_id
    return principal.role == ROLE_SERVICE and any(
        wanted.startswith(scope[:-1]) if scope.endswith("*") else wanted == scope
        for scope in principal.scopes
        if scope.startswith(GROUP_SCOPE)
    )


def check_group(principal: Principal, group_id: str) -> None:
    """Compared before anything is looked up, so groups that are not there look alike.

    Raises ScopeMissing.
    """
    if reaches_group(principal, group_id):
        return
    if principal.role == ROLE_DEVELOPER:
        raise ScopeMissing(f"Developers have the groups named {DEVELOPERS_GROUPS}…, and no other.")
    scope = GROUP_SCOPE + group_id[:64]
    raise ScopeMissing(f"The credential lacks the scope {scope}.", scope=scope)


def claimant_of(principal: Principal) -> str:
    """What a session opened by a handoff code keeps of who may use it: 32 hex digits."""
    own = principal.subject_id if principal.role == ROLE_DEVICE else principal.id
    return hashlib.sha256(f"claimant\0{principal.role}\0{own}".encode()).hexdigest()[:32]


def _letters(entropy: bytes) -> str:
    return base64.b32encode(entropy).decode().lower()[:ID_LETTERS]
