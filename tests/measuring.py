"""Which tests are measured: coverage counts the lines that they reach.

Being measured takes a program two to three times as long, a short one most of all. Tests of a rule,
a layer or a command are measured, and what they reach has to be enough for both gates. Whole
stories, histories and faults go over the same lines once more; they are not measured, nor is any
program that they start. So it is with tests of properties, which go over the same lines a hundred
times, and with tests that are marked `unmeasured`.
"""

import os
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import coverage
import pytest
from hypothesis import given, is_hypothesis_test, settings
from hypothesis import strategies as st

TESTS = Path(__file__).parent
UNMEASURED = frozenset(
    {
        "architecture",
        "battery",
        "benchmarks",
        "docs",
        "faults",
        "guarantees",
        "hard_cases",
        "history",
        "peers",
        "scenarios",
        "simulation",
    }
)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """All test processes read the same; what is reached by that, one of them measures."""
    worker = getattr(session.config, "workerinput", {"workerid": "gw0"})
    if worker["workerid"] == "gw0":
        return (yield)
    with _unmeasured():
        return (yield)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Whoever will run many tests, or reads them all for the others, lets Hypothesis read what it
    draws from before anything is measured: our sources, Unicode tables. It keeps that in files.
    """
    if session.config.option.collectonly or hasattr(session.config, "workerinput"):
        with _unmeasured():
            _draw()


@settings(max_examples=1, database=None, deadline=None)
@given(st.text(max_size=1))
def _draw(text: str) -> None:
    pass


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Fixtures, too, and programs that are started, which learn of it by their environment."""
    if is_measured(item):
        return (yield)
    with _unmeasured():
        return (yield)


def is_measured(item: pytest.Item) -> bool:
    """Whether the lines that a test reaches count."""
    return not (
        item.path.relative_to(TESTS).parts[0] in UNMEASURED
        or is_hypothesis_test(getattr(item, "obj", None))
        or item.get_closest_marker("unmeasured")
    )


@contextmanager
def _unmeasured() -> Iterator[None]:
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("COV")}
    try:
        with _untraced():
            yield
    finally:
        os.environ.update(kept)


@contextmanager
def _untraced() -> Iterator[None]:
    if coverage.Coverage.current() is None:
        yield  # what traces, if anything, is a debugger
        return
    # Not by stopping coverage: a test process has two or three of it, one above the other, where
    # the next one goes on when the uppermost is stopped, and each start puts in its patches anew.
    measuring, in_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        yield
    finally:
        threading.settrace(in_threads)
        sys.settrace(measuring)
