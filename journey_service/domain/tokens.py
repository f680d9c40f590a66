"""Tokens that clients keep and give back: signed, opaque, good for nothing but comparing.

A token is URL-safe base64 of a format byte, a TokenPayload and 16 bytes of HMAC-SHA-256, which also
binds the journal's id. It grants nothing: the credential alone decides who may read. Subjects stand
in it as hashes of 8 bytes, so it gives no id away; who opens it knows the members of the customer
and finds them by their hashes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from journey.v1.tokens_pb2 import (
    TOKEN_KIND_CHECKPOINT,
    TOKEN_KIND_PAGE,
    TOKEN_KIND_STATE,
    TOKEN_KIND_WRITE,
    TokenKind,
    TokenPayload,
)
from journey_service.domain.batch import Seen, Stamp
from journey_service.domain.errors import Bug, TokenMismatch

FORMAT = b"\x01"
# Before a name that is signed, and is no token.
NAME = b"\x02"
SIGNATURE_BYTES = 16
MAX_TOKEN_BYTES = 8_192
# Every answer names its customer, and the same ones come again and again.
SUBJECTS_REMEMBERED = 4_096

# Version by subject_hash, position by partition.
Versions: TypeAlias = Mapping[int, int]
Positions: TypeAlias = Mapping[int, int]


@lru_cache(SUBJECTS_REMEMBERED)
def subject_hash(subject_id: str) -> int:
    """How a subject is named inside tokens."""
    return fingerprint(subject_id)


def fingerprint(*parts: str) -> int:
    """64 bits that tell filters, journeys and calls apart; 0 for no parts at all."""
    if not parts:
        return 0
    encoded = [part.encode() for part in parts]
    joined = b"".join(len(part).to_bytes(4) + part for part in encoded)
    return int.from_bytes(hashlib.blake2b(joined, digest_size=8).digest())


def hashed(versions: Mapping[str, int]) -> dict[int, int]:
    """Versions by subject id as they stand in tokens."""
    return {subject_hash(subject_id): version for subject_id, version in versions.items()}


def versions_of(versions: Versions, members: Collection[str]) -> dict[str, int]:
    """A token's versions by subject id; a member it does not hold is at 0, others are left out."""
    return {member: versions.get(subject_hash(member), 0) for member in members}


def holds_only(versions: Versions, members: Collection[str]) -> bool:
    """Whether no subject in the token has left the customer."""
    return versions.keys() <= {subject_hash(member) for member in members}


@dataclass(frozen=True, slots=True, kw_only=True)
class StateToken:
    """What an answer or frame with state contained.

    `session_subject` is the hash of the session's subject, `journey` the fingerprint of kind and
    journey_id it is for (0 = the whole customer), `filter` that of a watch's filter. `floor` is the
    greatest stamp contained, `issued_ms` when it was made.
    """

    epoch: str
    session_subject: int
    versions: Versions
    floor: Stamp
    issued_ms: int
    generation: int = 0
    journey: int = 0
    filter: int = 0

    def as_seen(self, *, members: Collection[str], journey: tuple[str, str]) -> Seen | None:
        """What a customer had in view who acted on `journey` (kind, id; empty for none) with this.

        None where it was made for another journey. Entries of subjects outside the customer are
        left out. It has no age limit.
        """
        if self.journey and self.journey != fingerprint(*journey):
            return None
        return Seen(versions_of(self.versions, members), self.issued_ms, self.floor)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteToken:
    """Where a write went: one stream's version, one partition's position."""

    epoch: str
    versions: Versions
    positions: Positions


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A place in the journal (positions) or in a customer's history (versions).

    `filter` is the fingerprint of the filter and of whom it was made for. `place` says how far a
    reader is that takes the events up to those versions in another order than they were recorded.
    """

    epoch: str
    versions: Versions = field(default_factory=dict)
    positions: Positions = field(default_factory=dict)
    filter: int = 0
    generation: int = 0
    issued_ms: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageToken:
    """Where the next page of a list begins: behind `last_key`, within the cut of the first page.

    `filter` is the fingerprint of everything that the call asked for, the customer included.
    """

    epoch: str
    call: str
    filter: int
    last_key: str
    versions: Versions = field(default_factory=dict)
    positions: Positions = field(default_factory=dict)


class Tokens:
    """Seals and opens the tokens of one journal."""

    def __init__(self, signing_keys: Sequence[bytes], journal_id: str) -> None:
        """The first key signs; the others are retired and still accepted."""
        bound = journal_id.encode() + b"\0"
        # Begun once: what keys and journal add to a signature is the same in all of them.
        self._begun = tuple(hmac.new(key, bound, hashlib.sha256) for key in signing_keys)

    def seal_state(self, token: StateToken) -> str:
        """The state token as text."""
        others = {name: at for name, at in token.versions.items() if name != token.session_subject}
        versions = {token.session_subject: token.versions.get(token.session_subject, 0), **others}
        return self._seal(
            _payload(
                TOKEN_KIND_STATE,
                token.epoch,
                versions,
                issued_ms=token.issued_ms,
                floor_ms=token.floor.t_ms,
                floor_counter=token.floor.counter,
                generation=token.generation,
                journey=token.journey,
                filter=token.filter,
            )
        )

    def open_state(self, text: str) -> StateToken:
        """The state token in `text`; raises TokenMismatch."""
        payload = self._open(text, TOKEN_KIND_STATE)
        return StateToken(
            epoch=payload.epoch,
            session_subject=payload.subjects[0],
            versions=_versions(payload),
            floor=Stamp(payload.floor_ms, payload.floor_counter),
            issued_ms=payload.issued_ms,
            generation=payload.generation,
            journey=payload.journey,
            filter=payload.filter,
        )

    def seal_write(self, token: WriteToken) -> str:
        """The write token as text."""
        payload = _payload(TOKEN_KIND_WRITE, token.epoch, token.versions, token.positions)
        return self._seal(payload)

    def open_write(self, text: str) -> WriteToken:
        """The write token in `text`; raises TokenMismatch."""
        payload = self._open(text, TOKEN_KIND_WRITE)
        return WriteToken(
            epoch=payload.epoch, versions=_versions(payload), positions=_positions(payload)
        )

    def seal_checkpoint(self, token: Checkpoint) -> str:
        """The checkpoint as text."""
        return self._seal(
            _payload(
                TOKEN_KIND_CHECKPOINT,
                token.epoch,
                token.versions,
                token.positions,
                issued_ms=token.issued_ms,
                generation=token.generation,
                filter=token.filter,
                last_key=token.place,
            )
        )

    def open_checkpoint(self, text: str) -> Checkpoint:
        """The checkpoint in `text`; raises TokenMismatch."""
        payload = self._open(text, TOKEN_KIND_CHECKPOINT)
        return Checkpoint(
            epoch=payload.epoch,
            versions=_versions(payload),
            positions=_positions(payload),
            filter=payload.filter,
            generation=payload.generation,
            issued_ms=payload.issued_ms,
            place=payload.last_key,
        )

    def open_at_least(self, text: str) -> StateToken | WriteToken | Checkpoint:
        """What a read must contain, from a token of any kind but a page's; raises TokenMismatch."""
        kind = self._open(text, TOKEN_KIND_STATE, TOKEN_KIND_WRITE, TOKEN_KIND_CHECKPOINT).kind
        if kind == TOKEN_KIND_STATE:
            return self.open_state(text)
        if kind == TOKEN_KIND_WRITE:
            return self.open_write(text)
        return self.open_checkpoint(text)

    def seal_page(self, token: PageToken) -> str:
        """The page token as text."""
        return self._seal(
            _payload(
                TOKEN_KIND_PAGE,
                token.epoch,
                token.versions,
                token.positions,
                filter=token.filter,
                call=token.call,
                last_key=token.last_key,
            )
        )

    def open_page(self, text: str, *, call: str, filter: int) -> PageToken:  # noqa: A002
        """The page token in `text`, which this call made for this filter; raises TokenMismatch."""
        payload = self._open(text, TOKEN_KIND_PAGE)
        if payload.call != call or payload.filter != filter:
            raise TokenMismatch
        return PageToken(
            epoch=payload.epoch,
            call=call,
            filter=filter,
            last_key=payload.last_key,
            versions=_versions(payload),
            positions=_positions(payload),
        )

    def sign_name(self, name: str) -> str:
        """A name that can be read, with a signature before it: nobody else can make up another."""
        signature = _signature(self._begun[0], NAME + name.encode())
        return f"{_as_text(signature)}/{name}"

    def signed_name(self, text: str) -> str:
        """The name in `text`; empty where it was not signed so."""
        signature, _, name = text.partition("/")
        try:
            is_signed = self._is_signed(NAME + name.encode(), _decoded(signature))
        except TokenMismatch:
            return ""
        return name if is_signed else ""

    def _seal(self, payload: TokenPayload) -> str:
        content = FORMAT + payload.SerializeToString(deterministic=True)
        sealed = content + _signature(self._begun[0], content)
        text = _as_text(sealed)
        if len(text) > MAX_TOKEN_BYTES:
            raise Bug(f"A token of {len(text)} bytes is over the limit of {MAX_TOKEN_BYTES}.")
        return text

    def _open(self, text: str, *kinds: TokenKind) -> TokenPayload:
        sealed = _decoded(text)
        content, signature = sealed[:-SIGNATURE_BYTES], sealed[-SIGNATURE_BYTES:]
        if not content.startswith(FORMAT) or not self._is_signed(content, signature):
            raise TokenMismatch
        payload = TokenPayload.FromString(content[len(FORMAT) :])
        if payload.kind not in kinds:
            raise TokenMismatch
        return payload

    def _is_signed(self, content: bytes, signature: bytes) -> bool:
        return any(
            hmac.compare_digest(_signature(begun, content), signature) for begun in self._begun
        )


def _signature(begun: hmac.HMAC, content: bytes) -> bytes:
    signing = begun.copy()
    signing.update(content)
    return signing.digest()[:SIGNATURE_BYTES]


def _as_text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    if not text.isascii() or len(text) > MAX_TOKEN_BYTES:
        raise TokenMismatch
    padded = text.encode() + b"=" * (-len(text) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except binascii.Error:
        raise TokenMismatch from None


def _payload(
    kind: TokenKind,
    epoch: str,
    versions: Versions,
    positions: Positions | None = None,
    **facts: int | str,
) -> TokenPayload:
    places = dict(sorted((positions or {}).items()))
    dense = list(places) == list(range(len(places)))
    return TokenPayload(
        kind=kind,
        epoch=epoch,
        subjects=versions.keys(),
        versions=versions.values(),
        partitions=() if dense else places.keys(),
        positions=places.values(),
        **facts,  # type: ignore[arg-type]
    )


def _versions(payload: TokenPayload) -> dict[int, int]:
    return dict(zip(payload.subjects, payload.versions, strict=True))


def _positions(payload: TokenPayload) -> dict[int, int]:
    partitions = payload.partitions or range(len(payload.positions))
    return dict(zip(partitions, payload.positions, strict=True))
