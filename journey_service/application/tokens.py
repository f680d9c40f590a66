"""The tokens of calls: what each is made from, and what one that comes back must fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from journey_service.application.context import Context
from journey_service.application.reader import SubjectView
from journey_service.domain.batch import Seen
from journey_service.domain.errors import CustomerMismatch, JournalRewound, TokenMismatch
from journey_service.domain.tokens import (
    Checkpoint,
    PageToken,
    StateToken,
    WriteToken,
    fingerprint,
    hashed,
    holds_only,
    subject_hash,
)
from journey_service.ports import Appended


class Copy(NamedTuple):
    """Where a client's copy of a customer stands, from the resume token of a watch."""

    version: int
    generation: int
    issued_ms: int
    filter: int


def state_token(context: Context, view: SubjectView, *, journey: str = "", shown: int = 0) -> str:
    """Of an answer that contained this view; `journey` limits it to one key, `shown` is the
    fingerprint of a watch's filter."""
    return context.tokens.seal_state(
        StateToken(
            epoch=context.journal.epoch,
            session_subject=subject_hash(view.subject_id),
            versions=hashed({view.subject_id: view.version}),
            floor=view.floor,
            issued_ms=context.clock.now_ms(),
            generation=view.generation,
            journey=fingerprint(*journey.split("/", 1)) if journey else 0,
            filter=shown,
        )
    )


def write_token(context: Context, subject_id: str, appended: Appended) -> str:
    """Of an answer to a write."""
    return context.tokens.seal_write(
        WriteToken(
            epoch=context.journal.epoch,
            versions=hashed({subject_id: appended.version}),
            positions={appended.partition: appended.position},
        )
    )


def wanted_version(context: Context, text: str, subject_id: str) -> int:
    """The version of the subject that a read with this `at_least` must contain; 0 = any.

    Raises TokenMismatch, CustomerMismatch and JournalRewound.
    """
    if not text:
        return 0
    with _sent_as("at_least"):
        return _opened(context, text, subject_id).versions.get(subject_hash(subject_id), 0)


def positions_of(context: Context, text: str, subject_id: str) -> Mapping[int, int]:
    """Position by partition, of a token that is a place in the journal; empty for the others.

    Raises what `wanted_version` raises.
    """
    with _sent_as("as_of.token"):
        token = _opened(context, text, subject_id)
    return token.positions if isinstance(token, Checkpoint) else {}


def _opened(context: Context, text: str, subject_id: str) -> StateToken | WriteToken | Checkpoint:
    token = context.tokens.open_at_least(text)
    _check_epoch(context, token.epoch)
    if token.versions and not holds_only(token.versions, [subject_id]):
        raise CustomerMismatch
    return token


def copy_of(context: Context, text: str, subject_id: str) -> Copy | None:
    """Where the copy behind a resume token stands; None where it belongs to another epoch.

    Raises TokenMismatch for damage and tokens of one journey, CustomerMismatch for another's.
    """
    with _sent_as("token"):
        token = context.tokens.open_state(text)
        if token.journey:
            raise TokenMismatch
    if not holds_only(token.versions, [subject_id]):
        raise CustomerMismatch
    if token.epoch != context.journal.epoch:
        return None
    version = token.versions.get(subject_hash(subject_id), 0)
    return Copy(version, token.generation, token.issued_ms, token.filter)


def seen_by(context: Context, subject_id: str, text: str, journey: tuple[str, str]) -> Seen | None:
    """What a customer had in view who acted with this token; None where it cannot be used."""
    return context.tokens.as_seen(text, members=[subject_id], journey=journey)


def page_token(context: Context, call: str, asked: int, last_key: str) -> str:
    """For the page behind `last_key` of a call that asked for the same (fingerprint `asked`)."""
    return context.tokens.seal_page(
        PageToken(epoch=context.journal.epoch, call=call, filter=asked, last_key=last_key)
    )


def last_key_of(context: Context, text: str, call: str, asked: int) -> str:
    """The last key of the page before; empty for the first page. Raises TokenMismatch."""
    if not text:
        return ""
    with _sent_as("page_token"):
        return context.tokens.open_page(text, call=call, filter=asked).last_key


def checkpoint_of_stream(context: Context, subject_id: str, version: int) -> str:
    """A place in a customer's history."""
    return context.tokens.seal_checkpoint(
        Checkpoint(epoch=context.journal.epoch, versions=hashed({subject_id: version}))
    )


def checkpoint_of_journal(context: Context, positions: Mapping[int, int]) -> str:
    """A place in the journal."""
    return context.tokens.seal_checkpoint(
        Checkpoint(epoch=context.journal.epoch, positions=positions)
    )


def open_checkpoint(context: Context, text: str) -> Checkpoint:
    """A place as told before. Raises TokenMismatch and JournalRewound."""
    with _sent_as("checkpoint"):
        checkpoint = context.tokens.open_checkpoint(text)
    _check_epoch(context, checkpoint.epoch)
    return checkpoint


@contextmanager
def _sent_as(field: str) -> Iterator[None]:
    """Name the field in which a token that cannot be used was sent."""
    try:
        yield
    except TokenMismatch as error:
        raise TokenMismatch(error.message, field=field) from None


def _check_epoch(context: Context, epoch: str) -> None:
    if epoch != context.journal.epoch:
        raise JournalRewound
