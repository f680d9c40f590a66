import grpc
import grpc.aio
import pytest

from journey.v1 import errors_pb2 as reasons
from journey.v1.journey_service_pb2 import RecordResult
from journey.v1.references_pb2 import FieldViolation
from journey_client import JourneyError, TimedOut, TransportRefused, Unreachable, errors
from journey_client._error import from_call, from_result, refusal
from protos import client_errors

REASONS = sorted(set(reasons.ErrorReason.keys()) - {"ERROR_REASON_UNSPECIFIED"})


def failed(code: grpc.StatusCode, *trailers: tuple[str, bytes]) -> grpc.aio.AioRpcError:
    metadata = grpc.aio.Metadata(*trailers)
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), metadata, details="text")


def test_the_classes_are_what_the_schema_says() -> None:
    written = client_errors.TARGET.read_text(encoding="utf-8")
    assert written == client_errors.errors_module(client_errors.SCHEMA.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [name for name in REASONS if not name.endswith("TOO_OLD")])
def test_every_reason_is_a_class_of_its_own(name: str) -> None:
    error = refusal(name)
    assert type(error) is not JourneyError
    assert f"ERROR_REASON_{error.reason}" == name
    assert getattr(errors, type(error).__name__) is type(error)
    assert error.code is not grpc.StatusCode.OK


def test_a_reason_of_the_future_is_an_error_all_the_same() -> None:
    error = refusal("SOMETHING_NEW", "new text", metadata={"request_id": "r"})
    assert type(error) is JourneyError
    assert error.message == "new text"
    assert error.request_id == "r"
    assert not error.retryable


def test_retrying_helps_only_where_the_schema_says_so() -> None:
    assert errors.StorageUnavailable().retryable
    assert errors.OutcomeUnknown(outcome="unknown").retryable
    assert not errors.FieldViolations().retryable
    assert not errors.RateLimited().retryable
    assert errors.RateLimited(retry_after_ms=10).retryable


def test_an_answer_without_details_came_from_the_transport() -> None:
    broken = from_call(failed(grpc.StatusCode.UNAVAILABLE))
    assert type(broken) is Unreachable
    assert broken.outcome == "unknown"
    assert type(from_call(failed(grpc.StatusCode.CANCELLED))) is Unreachable
    assert type(from_call(failed(grpc.StatusCode.DEADLINE_EXCEEDED))) is TimedOut
    refused = from_call(failed(grpc.StatusCode.RESOURCE_EXHAUSTED))
    assert type(refused) is TransportRefused
    assert refused.outcome == "none"


def test_damaged_details_are_as_none() -> None:
    damaged = failed(grpc.StatusCode.UNAVAILABLE, ("grpc-status-details-bin", b"\xff\xff"))
    assert type(from_call(damaged)) is Unreachable


def test_a_refused_interaction_is_the_error_of_its_reason_with_its_violations() -> None:
    found = FieldViolation(path="cart_line_added.line.quantity", rule="not 0")
    result = RecordResult(reason=reasons.ERROR_REASON_FIELD_VIOLATIONS, violations=[found])
    error = from_result(result)
    assert type(error) is errors.FieldViolations
    assert error.violations == (found,)
    assert error.result == result
    assert "cart_line_added.line.quantity: not 0" in str(error)
