"""What is answered to an interaction, and what is recorded in the place of a refused one."""

from __future__ import annotations

from journey.v1 import errors_pb2 as reasons
from journey.v1.events_pb2 import OUTCOME_ACCEPTED, Outcome
from journey.v1.interactions_pb2 import Interaction, InteractionRejected
from journey.v1.journey_service_pb2 import RecordResult
from journey_service.domain.batch import Candidate, Refusal


def rejection(candidate: Candidate, refusal: Refusal) -> Interaction:
    """What is recorded in the place of an interaction that was refused."""
    interaction = candidate.interaction
    told = "" if refusal.reason == reasons.ERROR_REASON_PURPOSE_NOT_ALLOWED else candidate.type
    return Interaction(
        event_id=interaction.event_id,
        seq=interaction.seq,
        interaction_rejected=InteractionRejected(
            event_id=interaction.event_id, seq=interaction.seq, type=told, reason=refusal.reason
        ),
    )


def same_answer(candidate: Candidate, version: int) -> RecordResult:
    """The answer that the first fact of its key got."""
    result = result_of(candidate, OUTCOME_ACCEPTED, reasons.ERROR_REASON_UNSPECIFIED, version)
    result.duplicate = True
    return result


def result_of(
    candidate: Candidate, outcome: Outcome, reason: reasons.ErrorReason, version: int = 0
) -> RecordResult:
    """The answer to an interaction; `version` 0 = not recorded."""
    return RecordResult(
        seq=candidate.interaction.seq,
        event_id=candidate.sent_event_id or candidate.interaction.event_id,
        outcome=outcome,
        reason=reason,
        version=version,
        seen_ignored=candidate.seen_ignored,
    )
