"""A test that takes too long says where it stood, in the last line about it.

The stacks of all threads are told, too, but far above; a test's end also ends what its process
shares with others (fixtures, the loop), and then the name of the test says little.
"""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

_ALARM = ("pytest_timeout.py", "outcomes.py")  # the library, and how it ends the test
_FRAMES = 6
_TASKS = 3


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    crash = getattr(report.longrepr, "reprcrash", None)
    if call.excinfo is not None and crash is not None and "pytest-timeout" in crash.message:
        crash.message = f"{crash.message} {call.when} of {item.name}: {_place(call.excinfo)}"
    return report


def _place(excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    """The fixture that was made or ended, tasks that did not end when told to, innermost frames."""
    entries = [each for each in excinfo.traceback if Path(each.path).name not in _ALARM]
    names: list[dict[str, Any]] = [each.frame.f_locals for each in entries]
    fixtures = dict.fromkeys(f"fixture {name}" for each in names if (name := _fixture_of(each)))
    # As the loop's runner calls them.
    tasks = [repr(task.get_coro()) for each in names for task in each.get("to_cancel", ())]
    frames = [f"{Path(each.path).name}:{each.lineno + 1} {each.name}" for each in entries]
    return "; ".join([*fixtures, *tasks[:_TASKS], *frames[-_FRAMES:]])


def _fixture_of(names: dict[str, Any]) -> str | None:
    return next((d.argname for d in names.values() if isinstance(d, pytest.FixtureDef)), None)
