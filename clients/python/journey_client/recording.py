"""What recording gives back, and how interactions are put into batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from journey.v1.events_pb2 import Outcome
from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import RecordResponse, RecordResult
from journey.v1.sessions_pb2 import Limits
from journey_client._error import JourneyError, OnlineOnly, from_result
from journey_client.catalogue import rules_of

DEVICE_INTERACTIONS = 200
DEVICE_BYTES = 256 * 1_024
# What a batch frames around an interaction, at most: tag, length, and the batch's own fields.
_FRAME_BYTES = 8
_BATCH_BYTES = 1_024


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of interactions that are durable now: one result each, in order.

    `processed_seq` is the last one of the installation processed for good (0: unsequenced);
    `write_token` is good as `at_least`.
    """

    results: tuple[RecordResult, ...] = ()
    processed_seq: int = 0
    write_token: str = ""

    @property
    def refused(self) -> tuple[RecordResult, ...]:
        """The results of those that were rejected; their content is not recorded."""
        return tuple(found for found in self.results if found.outcome == Outcome.OUTCOME_REJECTED)

    @property
    def errors(self) -> tuple[JourneyError, ...]:
        """The rejections as typed errors, e.g. FieldViolations with its violations."""
        return tuple(from_result(result) for result in self.refused)

    def require(self) -> Recorded:
        """Itself if nothing was rejected; raises the first rejection otherwise."""
        for error in self.errors:
            raise error
        return self

    def with_response(self, response: RecordResponse, *, skip: int = 0) -> Recorded:
        """Itself and a further batch's answer, without its first `skip` results."""
        return Recorded(
            results=(*self.results, *response.results[skip:]),
            processed_seq=response.processed_seq,
            write_token=response.write_token,
        )


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How much one batch may hold."""

    interactions: int = DEVICE_INTERACTIONS
    size_bytes: int = DEVICE_BYTES

    @classmethod
    def told(cls, limits: Limits) -> BatchLimits:
        """As the service told them."""
        return cls(
            limits.max_batch_interactions or DEVICE_INTERACTIONS,
            limits.max_batch_bytes or DEVICE_BYTES,
        )

    def split(self, interactions: Iterable[Interaction]) -> Iterator[list[Interaction]]:
        """Batches within the limits, in order; one that is too big alone stands alone."""
        batch: list[Interaction] = []
        room = self.size_bytes - _BATCH_BYTES
        for interaction in interactions:
            size = interaction.ByteSize() + _FRAME_BYTES
            if batch and (len(batch) == self.interactions or size > room):
                yield batch
                batch, room = [], self.size_bytes - _BATCH_BYTES
            batch.append(interaction)
            room -= size
        if batch:
            yield batch


SERVICE_LIMITS = BatchLimits(500, 1_024 * 1_024)


def refuse_machines(interactions: Sequence[Interaction]) -> None:
    """What the service must check against the exact state is not queued, messages excepted."""
    for interaction in interactions:
        body = interaction.WhichOneof("body")
        rules = rules_of(body) if body else None
        if rules is not None and rules.machine and not rules.queued_offline:
            raise OnlineOnly(f"{rules.name} needs the connection")
