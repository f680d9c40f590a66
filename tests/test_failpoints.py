import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from journey_service import failpoints
from journey_service.failpoints import POINTS, FailpointReached, Failpoints

NAME = "first-start:migrated"
PASS_TWICE = f"""
from journey_service.failpoints import failpoint
failpoint({NAME!r})
print("once", flush=True)
failpoint({NAME!r})
print("twice", flush=True)
"""


def start(text: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PASS_TWICE],
        env=os.environ | {"JOURNEY_FAILPOINTS": text},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("text", "status", "printed"),
    [
        ("", 0, "once\ntwice\n"),
        (f"{NAME}=kill", -9, ""),
        (f"{NAME}=kill@2", -9, "once\n"),
        (f"{NAME}=kill@3", 0, "once\ntwice\n"),
        (f"{NAME}=exit@1", 137, ""),
        (f"{NAME}=raise@2", 1, "once\n"),
        (f"{NAME}=sleep:1", 0, "once\ntwice\n"),
        ("first-start:after-initdb=kill", 0, "once\ntwice\n"),
        (f"first-start:after-initdb=kill, {NAME}=exit", 137, ""),
    ],
)
def test_a_process_ends_at_the_pass_that_was_named(text: str, status: int, printed: str) -> None:
    with start(text) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (status, printed), err
    assert ("FailpointReached" in err) == ("raise" in text)


def test_a_held_process_stands_still_until_it_is_told_to_go_on() -> None:
    with start(f"{NAME}=hold@2") as process:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        process.send_signal(signal.SIGCONT)
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "once\ntwice\n")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("first-start:lunch=kill", "no failpoint is named 'first-start:lunch'"),
        (f"{NAME}", "has no action"),
        (f"{NAME}=melt", "has no action"),
        (f"{NAME}=sleep:soon", "could not convert"),
        (f"{NAME}=kill@last", "invalid literal"),
    ],
)
def test_a_mistake_in_the_text_is_an_error_and_not_a_point_that_is_never_passed(
    text: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        Failpoints(text)


async def test_sleep_waits_as_long_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failpoints, "_active", Failpoints(f"{NAME}=sleep:30"))
    began = time.monotonic()
    await failpoints.failpoint_async(NAME)
    failpoints.failpoint(NAME)
    assert time.monotonic() - began >= 0.06


def test_raise_names_its_point() -> None:
    with pytest.raises(FailpointReached, match=NAME):
        Failpoints(f"{NAME}=raise").reach(NAME)


def test_a_point_that_is_passed_and_not_listed_is_an_error() -> None:
    with pytest.raises(ValueError, match="is not in"):
        Failpoints(f"{NAME}=raise").reach("append:lunch")


def test_the_list_of_points_is_that_of_the_code() -> None:
    package = Path(failpoints.__file__).parent
    call = re.compile(r"failpoint(?:_async)?\(\s*[\"']([a-z:-]+)[\"']")
    passed = {
        name
        for folder in (package, package.with_name("projections"))
        for path in folder.rglob("*.py")
        for name in call.findall(path.read_text("utf-8"))
    }
    assert passed == set(POINTS)
