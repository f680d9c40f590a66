import inspect
from collections.abc import Iterator

import pytest
from google.rpc import error_details_pb2 as details

from journey.v1 import error_details_pb2
from journey.v1.errors_pb2 import (
    ERROR_REASON_EVENT_ID_REUSED,
    ERROR_REASON_FIELD_VIOLATIONS,
    ERROR_REASON_UNSPECIFIED,
    ClientAction,
    ErrorReason,
)
from journey.v1.references_pb2 import FieldViolation
from journey_service.domain import errors
from journey_service.transport.errors import DETAILS, MEANINGS, bug, rules_of, status_of
from tests.transport.serving import detail, info_of

MOST_BYTES_OF_A_STATUS = 4_500


def tree(
    top: type[errors.JourneyError] = errors.JourneyError,
) -> Iterator[type[errors.JourneyError]]:
    yield top
    for below in top.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from tree(below)


def test_every_error_of_the_domain_has_its_line_in_the_table() -> None:
    assert set(tree()) == set(DETAILS)


def test_every_reason_has_a_code_and_an_action() -> None:
    without = [
        value.name
        for value in ErrorReason.DESCRIPTOR.values
        if value.number != ERROR_REASON_UNSPECIFIED
        and (not rules_of(value).action or rules_of(value).code not in range(17))
    ]
    assert without == []


def test_only_what_is_counted_and_no_error_has_the_code_ok() -> None:
    fine = [
        value.number
        for value in ErrorReason.DESCRIPTOR.values
        if value.number and not rules_of(value).code
    ]
    counted = [
        value.number
        for value in ErrorReason.DESCRIPTOR.values
        if rules_of(value).action == ClientAction.CLIENT_ACTION_COUNT
    ]
    assert fine == counted


def plain() -> list[type[errors.JourneyError]]:
    """Errors that are made without arguments."""
    return [
        kind
        for kind in tree()
        if all(
            parameter.default is not inspect.Parameter.empty
            or parameter.kind is inspect.Parameter.VAR_KEYWORD
            for parameter in list(inspect.signature(kind).parameters.values())
        )
    ]


@pytest.mark.parametrize("kind", plain())
def test_every_error_carries_its_reason_its_domain_and_the_request_id(
    kind: type[errors.JourneyError],
) -> None:
    status = status_of(kind(), "r1")
    info = info_of(status)
    assert info.domain == "journey"
    assert info.metadata["request_id"] == "r1"
    assert f"ERROR_REASON_{info.reason}" == ErrorReason.Name(kind.reason)
    assert status.code == MEANINGS[kind.reason].code
    assert status.message
    assert len({packed.type_url for packed in status.details}) == len(status.details)


@pytest.mark.parametrize("kind", [kind for kind in plain() if issubclass(kind, errors.Unavailable)])
def test_unavailable_says_what_became_of_the_call_and_when_to_come_again(
    kind: type[errors.Unavailable],
) -> None:
    status = status_of(kind(), "r1")
    unknown = kind is errors.OutcomeUnknown
    assert info_of(status).metadata["outcome"] == ("unknown" if unknown else "none")
    delay = detail(status, details.RetryInfo).retry_delay.ToMilliseconds()
    assert kind.retry_after_ms * 0.5 <= delay <= kind.retry_after_ms * 1.5


def test_delays_are_spread() -> None:
    delays = {
        detail(status_of(errors.RateLimited(), ""), details.RetryInfo).retry_delay.ToNanoseconds()
        for _ in range(20)
    }
    assert len(delays) > 10


def test_every_violation_is_told_with_its_path_and_rule() -> None:
    found = [FieldViolation(path=f"f{number}", rule="is required") for number in range(3)]
    told = detail(status_of(errors.FieldViolations(found), ""), details.BadRequest)
    assert [(one.field, one.description) for one in told.field_violations] == [
        ("f0", "is required"), ("f1", "is required"), ("f2", "is required"),
    ]  # fmt: skip


def test_many_violations_are_cut_so_that_the_error_fits_into_metadata() -> None:
    found = [FieldViolation(path="p" * 5_000, rule="r" * 100) for _ in range(500)]
    status = status_of(errors.FieldViolations(found), "")
    assert status.ByteSize() < MOST_BYTES_OF_A_STATUS
    told = detail(status, details.BadRequest).field_violations
    assert told[-1].description == f"{500 - len(told) + 1} more fields break their rules"


def test_a_version_conflict_tells_where_the_stream_stands() -> None:
    status = status_of(errors.VersionConflict("s", 3, 5), "")
    told = detail(status, error_details_pb2.VersionConflict)
    assert (told.subject_id, told.expected_version, told.current_version) == ("s", 3, 5)


def test_a_gap_names_the_seq_that_is_next() -> None:
    assert info_of(status_of(errors.SeqGap(3, 5), "")).metadata["expected_seq"] == "3"


def test_a_refused_atomic_batch_has_the_reason_of_its_interaction() -> None:
    violation = FieldViolation(path="wall_ms", rule="is required")
    status = status_of(errors.BatchRefused(2, ERROR_REASON_FIELD_VIOLATIONS, [violation]), "")
    assert info_of(status).reason == "FIELD_VIOLATIONS"
    assert info_of(status).metadata["index"] == "2"
    assert detail(status, details.BadRequest).field_violations[0].field == "wall_ms"
    other = status_of(errors.BatchRefused(0, ERROR_REASON_EVENT_ID_REUSED), "")
    assert other.code == MEANINGS[ERROR_REASON_EVENT_ID_REUSED].code


def test_a_quota_is_named() -> None:
    status = status_of(errors.RateLimited("too many", quota="interactions"), "")
    assert detail(status, details.QuotaFailure).violations[0].subject == "interactions"


def test_a_bug_tells_nothing_but_where_to_look() -> None:
    status = status_of(bug("r1"), "r1")
    assert "r1" in status.message
    assert info_of(status).reason == "BUG"
