"""A wrong clock for one process: what to add to its environment.

The wall clock alone is faked. Monotonic clocks stay true, otherwise timers would break and the
case would show nothing about wrong clocks.
"""

from collections.abc import Mapping
from pathlib import Path

# Looking at the file with every question for the time would slow the process down.
SEEN_AFTER_S = 1
_LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/local/lib")


class FaketimeMissing(RuntimeError):
    """There is no libfaketime: install the package `faketime`."""


class WrongClock:
    """A clock that is off by what `file` says, and can be set while the process runs.

    Offsets are faketime's words: `+1d`, `-90s`, `+0 x2` (twice as fast).
    """

    def __init__(self, file: Path, offset: str) -> None:
        self._file = file
        self.set(offset)

    def set(self, offset: str) -> None:
        """Let the clock jump; a process that runs sees it within SEEN_AFTER_S."""
        self._file.write_text(f"{offset}\n", encoding="utf-8")
        self._file.chmod(0o644)

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables for the process. Raises FaketimeMissing."""
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": str(SEEN_AFTER_S),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


def library() -> Path:
    """Where libfaketime for programs with threads lies. Raises FaketimeMissing."""
    for folder in _LIBRARIES:
        for found in sorted(Path(folder).glob("**/faketime/libfaketimeMT.so.1")):
            return found
    raise FaketimeMissing(FaketimeMissing.__doc__)
