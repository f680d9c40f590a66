"""A test that takes too long says where it stood.

The stacks of all other threads are told by the library, far above what is said of the test; and a
test's end also ends what its process shares with others (fixtures, the loop), so that the name of
the test may say little.
"""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

_ALARM = ("pytest_timeout.py", "outcomes.py")  # the library, and how it ends the test
_ENDS_TASKS = "_cancel_all_tasks"
_FRAMES = 6
_TASKS = 3


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    crash = getattr(report.longrepr, "reprcrash", None)
    if call.excinfo is not None and crash is not None and "pytest-timeout" in crash.message:
        place = f"{call.when} of {item.name}: {_place(call.excinfo)}"
        report.sections.append(("where it stood", place))
        # The line about it at the end of the run, where that is not cut to a terminal's width.
        crash.message = f"{crash.message} {place}"
    return report


def _place(excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    """The fixture that was made or ended, tasks that did not end when told to, innermost frames."""
    entries = [each for each in excinfo.traceback if Path(each.path).name not in _ALARM]
    names: list[dict[str, Any]] = [each.frame.f_locals for each in entries]
    fixtures = dict.fromkeys(f"fixture {name}" for each in names if (name := _fixture_of(each)))
    # What the loop's runner calls the tasks that it told to end.
    told = [each.frame.f_locals["to_cancel"] for each in entries if each.name == _ENDS_TASKS]
    tasks = [repr(task.get_coro()) for each in told for task in each if not task.done()]
    frames = [f"{Path(each.path).name}:{each.lineno + 1} {each.name}" for each in entries]
    return "; ".join([*fixtures, *tasks[:_TASKS], *frames[-_FRAMES:]])


def _fixture_of(names: dict[str, Any]) -> str | None:
    return next((d.argname for d in names.values() if isinstance(d, pytest.FixtureDef)), None)
