import os
import sys

import coverage

from tests.measuring import TESTS, UNMEASURED


def test_what_is_not_measured_are_folders_of_tests() -> None:
    assert {name for name in UNMEASURED if not (TESTS / name).is_dir()} == set()


def test_nothing_traces_a_test_that_is_not_measured() -> None:
    assert coverage.Coverage.current() is None or sys.gettrace() is None
    assert not any(name.startswith("COV") for name in os.environ)
