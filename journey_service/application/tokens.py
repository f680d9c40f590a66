"""The tokens of calls: what each is made from, and what one that comes back must fit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from journey.v1.interactions_pb2 import Interaction
from journey_service.application.context import Context
from journey_service.application.customer_view import CustomerView
from journey_service.domain.arrival import DecodeSeen
from journey_service.domain.batch import Seen
from journey_service.domain.errors import CustomerMismatch, JournalRewound, TokenMismatch
from journey_service.domain.identity import partition_of
from journey_service.domain.tokens import (
    Checkpoint,
    PageToken,
    StateToken,
    WriteToken,
    fingerprint,
    hashed,
    holds_only,
    subject_hash,
    versions_of,
)
from journey_service.ports import Appended

OF_ANOTHER_FILTER = (
    "The checkpoint was made with another filter: what that one hid would be left out. "
    "Use the filter that it was made with, or start elsewhere."
)
OF_ANOTHER_SUBJECT = (
    "The checkpoint is of another customer, or of the journal: use it where it was made."
)
OF_A_PLAY = "The checkpoint is of a play of events in the order in which they happened."
OF_A_PROJECTION = "The checkpoint is of a projection's states and names no place among events."


class Copy(NamedTuple):
    """Where a client's copy of a customer stands, from the resume token of a watch.

    `versions` are those of the members that it holds; `left`: it holds others, too. `narrow`: it
    was made for who sees a part of the customer alone.
    """

    versions: Mapping[str, int]
    left: bool
    generation: int
    issued_ms: int
    filter: int
    narrow: bool = False


def state_token(context: Context, view: CustomerView, *, journey: str = "", shown: int = 0) -> str:
    """Of an answer that contained this view; `journey` limits it to one key, `shown` is the
    fingerprint of a watch's filter."""
    return context.tokens.seal_state(
        StateToken(
            epoch=context.journal.epoch,
            session_subject=subject_hash(view.subject_id),
            versions=hashed(view.versions),
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


async def wanted_versions(context: Context, text: str, subject_id: str) -> Mapping[str, int]:
    """The versions, by member, that a read with this `at_least` must contain; none = any.

    Raises TokenMismatch, CustomerMismatch and JournalRewound.
    """
    if not text:
        return {}
    with _sent_as("at_least"):
        token = context.tokens.open_at_least(text)
    members = await _members(context, token, subject_id)
    if not holds_only(token.versions, members):
        raise CustomerMismatch
    if not await _kept(context, token, members):
        raise JournalRewound
    return versions_of(token.versions, members)


async def copy_of(context: Context, text: str, subject_id: str) -> Copy | None:
    """Where the copy behind a resume token stands; None where the journal was rewound behind it.

    Raises TokenMismatch for damage and tokens of one journey, CustomerMismatch for another's.
    """
    with _sent_as("token"):
        token = context.tokens.open_state(text)
        if token.journey:
            raise TokenMismatch
    members = await _members(context, token, subject_id)
    if not holds_only({token.session_subject: 0}, members):
        raise CustomerMismatch
    if not await _kept(context, token, members):
        return None
    held = {name: at for name, at in versions_of(token.versions, members).items() if at}
    left = not holds_only(token.versions, members)
    return Copy(held, left, token.generation, token.issued_ms, token.filter)


async def _members(
    context: Context, token: StateToken | WriteToken | Checkpoint, subject_id: str
) -> Collection[str]:
    """The members of the customer, as far as they matter to a token: one that holds the subject
    alone is understood without a look at who else there is."""
    known: Collection[str] = (subject_id,)
    if not holds_only(token.versions, known):
        known = context.reader.remembered_members(subject_id)
    if not holds_only(token.versions, known):
        known = (await context.reader.read(subject_id)).view.members
    return known


async def seen_with(context: Context, subject_id: str, sent: Iterable[Interaction]) -> DecodeSeen:
    """What the `seen` tokens of a batch say to acts on a journey; None of one that is unusable.

    All are opened here, because one of an older epoch costs a look at the journal, and one that
    holds other members may cost a look at who they are.
    """
    texts = {interaction.seen for interaction in sent if interaction.seen}
    opened = {text: await _usable(context, subject_id, text) for text in texts}

    def decode(text: str, journey: tuple[str, str]) -> Seen | None:
        token, members = opened[text]
        return token.as_seen(members=members, journey=journey) if token is not None else None

    return decode


async def _usable(
    context: Context, subject_id: str, text: str
) -> tuple[StateToken | None, Collection[str]]:
    """A token and the members that it may speak of."""
    try:
        token = context.tokens.open_state(text)
    except TokenMismatch:
        return None, ()
    members = await _members(context, token, subject_id)
    return (token, members) if await _kept(context, token, members) else (None, ())


def page_token(context: Context, call: str, asked: int, last_key: str) -> str:
    """For the page behind `last_key` of a call that asked for the same (fingerprint `asked`)."""
    return context.tokens.seal_page(
        PageToken(epoch=context.journal.epoch, call=call, filter=asked, last_key=last_key)
    )


def last_key_of(context: Context, text: str, call: str, asked: int) -> str:
    """The last key of the page before; empty for the first page. Raises TokenMismatch."""
    return opened_page(context, text, call, asked).last_key if text else ""


def opened_page(context: Context, text: str, call: str, asked: int) -> PageToken:
    """What stands in the token of the page before. Raises TokenMismatch."""
    with _sent_as("page_token"):
        return context.tokens.open_page(text, call=call, filter=asked)


def checkpoint_of_streams(
    context: Context, versions: Mapping[str, int], *, shown: int = 0, epoch: str = ""
) -> str:
    """A place in a customer's history, by subject; `shown` is the fingerprint of what was shown up
    to it, `epoch` the one in which it was read, empty = just now."""
    return context.tokens.seal_checkpoint(
        Checkpoint(epoch=epoch or context.journal.epoch, versions=hashed(versions), filter=shown)
    )


def checkpoint_of_journal(
    context: Context, positions: Mapping[int, int], *, shown: int = 0, epoch: str = ""
) -> str:
    """The same of a place in the journal."""
    return context.tokens.seal_checkpoint(
        Checkpoint(epoch=epoch or context.journal.epoch, positions=positions, filter=shown)
    )


def opened_checkpoint(context: Context, text: str, *, shown: int | None = None) -> Checkpoint:
    """What stands in a checkpoint. Raises TokenMismatch for damage, tokens of other calls, and
    where it was made with another filter than `shown` (None = with any)."""
    with _sent_as("checkpoint"):
        checkpoint = context.tokens.open_checkpoint(text)
        if checkpoint.generation:
            raise TokenMismatch(OF_A_PROJECTION)
        if checkpoint.place:
            raise TokenMismatch(OF_A_PLAY)
        if shown not in {None, checkpoint.filter}:
            raise TokenMismatch(OF_ANOTHER_FILTER)
        return checkpoint


async def version_at(
    context: Context, checkpoint: Checkpoint, subject_id: str, *, beyond: int = 0
) -> int:
    """Place of a checkpoint in a stream; `beyond` it lies behind the last event it speaks of.

    Raises TokenMismatch where it is of another customer, and JournalRewound.
    """
    version = checkpoint.versions.get(subject_hash(subject_id))
    if version is None:
        raise TokenMismatch(OF_ANOTHER_SUBJECT, field="checkpoint")
    if not await keeps_version(context, checkpoint.epoch, subject_id, version - beyond):
        raise JournalRewound
    return version


async def position_at(
    context: Context, checkpoint: Checkpoint, partition: int, *, beyond: int = 0
) -> int | None:
    """The same in a partition; None where it says nothing of it."""
    position = checkpoint.positions.get(partition)
    if position is None:
        return None
    if not await keeps_position(context, checkpoint.epoch, partition, position - beyond):
        raise JournalRewound
    return position


@contextmanager
def _sent_as(field: str) -> Iterator[None]:
    """Name the field in which a token that cannot be used was sent."""
    try:
        yield
    except TokenMismatch as error:
        raise TokenMismatch(error.message, field=field) from None


# --- epochs (rule R6): what was told in an older one is good up to where the newer ones began -----


async def _kept(
    context: Context, token: StateToken | WriteToken | Checkpoint, members: Collection[str]
) -> bool:
    """Whether what a token says of these members is still so."""
    if not await keeps_versions(context, token.epoch, versions_of(token.versions, members)):
        return False
    if not isinstance(token, Checkpoint):
        return True
    count = context.journal.partition_count
    for partition in {partition_of(member, count) for member in members}:
        position = token.positions.get(partition, 0)
        if not await keeps_position(context, token.epoch, partition, position):
            return False
    return True


async def keeps_versions(context: Context, epoch: str, versions: Mapping[str, int]) -> bool:
    """Whether that holds for each of these members, up to its version (see keeps_version)."""
    for subject_id, version in versions.items():
        if not await keeps_version(context, epoch, subject_id, version):
            return False
    return True


async def keeps_version(context: Context, epoch: str, subject_id: str, version: int) -> bool:
    """Whether the subject's events up to this version are the ones that they were in that epoch.

    Nobody is asked about the epoch in force: what is beyond its end is for the caller to find.
    """
    journal = context.journal
    if epoch == journal.epoch:
        return True
    position = await journal.position_of(subject_id, version) if version > 0 else 0
    if version > 0 and not position:
        return False
    return await journal.keeps(epoch, partition_of(subject_id, journal.partition_count), position)


async def keeps_position(context: Context, epoch: str, partition: int, position: int) -> bool:
    """The same of a position in a partition."""
    journal = context.journal
    return epoch == journal.epoch or await journal.keeps(epoch, partition, position)
