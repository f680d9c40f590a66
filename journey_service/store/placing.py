"""Giving decided events their places, partition and position; shared by all stores."""

from __future__ import annotations

from journey_service.domain.batch import Batch, Decision, KnownEvent
from journey_service.ports import Appended

MAX_INT64 = 2**63 - 1
_UUID_BYTES = 16


def event_key(event_id: str) -> bytes:
    """The 16 bytes that tell events of a stream apart, however their UUID is spelled.

    Raises ValueError for what is no UUID.
    """
    key = bytes.fromhex(event_id.replace("-", ""))
    if len(key) != _UUID_BYTES:
        raise ValueError(f"event id {event_id!r} is no UUID")
    return key


def check_batch(batch: Batch) -> None:
    """Raise ValueError for what no store can hold; the application has refused it before."""
    if not batch.candidates:
        raise ValueError("a batch holds at least one interaction")
    if "\0" in batch.subject_id or "\0" in batch.installation_id:
        raise ValueError("an id holds a NUL character")
    for candidate in batch.candidates:
        if candidate.interaction.seq > MAX_INT64 or "\0" in candidate.type:
            raise ValueError("a seq is too great, or a type holds a NUL character")


def place(decision: Decision, *, before: int, partition: int, head: int) -> None:
    """Fill in the places, in the events and in the answers.

    `before` is the stream's version before the decision, `head` the partition's last position
    before it. Versions and positions rise together, so one difference gives the other.
    """
    offset = head - before
    for event in decision.events:
        event.partition = partition
        event.position = event.version + offset
    for result in decision.results:
        version = result.version
        if version:
            result.partition = partition
        if version > before:
            result.position = version + offset


def answer(batch: Batch, decision: Decision, *, partition: int, head: int) -> Appended:
    """What the caller is told of a placed decision; `head` is the position that contains it all."""
    return Appended(
        results=decision.results,
        processed_seq=decision.known.processed_seq if batch.sequenced else 0,
        partition=partition,
        position=max((result.position for result in decision.results), default=head) or head,
        version=decision.known.version,
        clock_warning=decision.clock_warning,
        paused=decision.leases.paused if decision.leases is not None else (),
    )


def known_events(decision: Decision) -> dict[bytes, KnownEvent]:
    """The placed events of a decision, as a repeat of them will be answered."""
    return {
        event_key(event.interaction.event_id): KnownEvent(
            version=event.version,
            position=event.position,
            outcome=event.outcome,
            reason=event.reason,
            content_hash=event.content_hash,
            same_as=event.same_as,
            lease_epoch=event.lease_epoch,
        )
        for event in decision.events
    }
