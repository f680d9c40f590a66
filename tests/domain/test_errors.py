from __future__ import annotations

import inspect
import re

import pytest

from journey.v1 import errors_pb2 as reasons
from journey.v1.references_pb2 import FieldViolation
from journey_service.domain import errors
from journey_service.domain.errors import (
    BatchRefused,
    FieldViolations,
    JourneyError,
    OutcomeUnknown,
    SeqGap,
    StorageUnavailable,
    VersionConflict,
)

CLASSES = [
    found
    for found in vars(errors).values()
    if inspect.isclass(found) and issubclass(found, JourneyError)
]


@pytest.mark.parametrize("found", CLASSES, ids=lambda found: found.__name__)
def test_every_error_says_what_happened_and_has_a_reason(found: type[JourneyError]) -> None:
    assert (found.__doc__ or "").endswith((".", "!", "`."))
    assert reasons.ErrorReason.Name(found.reason)


def test_every_error_stands_in_the_tree_at_the_top() -> None:
    drawn = set(re.findall(r"[A-Z][A-Za-z]+", errors.__doc__ or ""))
    assert {found.__name__ for found in CLASSES} <= drawn


def test_the_docstring_is_the_default_message() -> None:
    assert str(StorageUnavailable()) == "The database is away; nothing was done."
    assert StorageUnavailable("Away.").message == "Away."


def test_metadata_is_text() -> None:
    assert JourneyError("x", index=3).metadata == {"index": "3"}


def test_violations_are_listed_the_first_five_in_the_message() -> None:
    found = FieldViolations([FieldViolation(path=f"f{n}", rule="is required") for n in range(6)])
    assert len(found.violations) == 6
    assert "f4: is required" in str(found)
    assert "f5" not in str(found)


def test_one_violation_is_quickly_said() -> None:
    [violation] = FieldViolations.one("clock", "is required").violations
    assert (violation.path, violation.rule) == ("clock", "is required")


def test_conflicts_say_where_the_stream_stands() -> None:
    assert "stands at version 5, not at 4" in str(VersionConflict("s", 4, 5))
    assert "begins at seq 9, but 3 is next" in str(SeqGap(3, 9))


def test_a_refused_batch_names_the_interaction_and_its_reason() -> None:
    found = BatchRefused(2, reasons.ERROR_REASON_REV_MISMATCH)
    assert "Interaction 2 was refused (REV_MISMATCH)" in str(found)


def test_only_an_unknown_outcome_is_unknown() -> None:
    assert (StorageUnavailable.outcome, OutcomeUnknown.outcome) == ("none", "unknown")
