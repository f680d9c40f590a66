"""Locks on files, which end with the processes that hold them, however those end (`flock`)."""

import fcntl
import os
from pathlib import Path
from typing import Self


class FileLock:
    """One handle on a lock file. The lock lives until `close`, or until every process that was
    given the handle (`fileno`) has ended: a lock can so be passed on to a program that is started.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def fileno(self) -> int:
        """The descriptor, to hand on to a child."""
        return self._descriptor

    def try_exclusive(self) -> bool:
        """Hold the lock alone. False, at once, if anybody else holds it."""
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        """Hold the lock together with others. False, at once, if somebody holds it alone."""
        return self._try(fcntl.LOCK_SH)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Let go. A child that was given the handle keeps the lock. Twice is once."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_held(path: Path) -> bool:
    """Whether anybody holds the lock alone. Never makes the file."""
    if not path.exists():
        return False
    with FileLock(path) as probe:
        return not probe.try_shared()


def is_shared(path: Path) -> bool:
    """Whether anybody holds the lock, alone or with others. Never makes the file."""
    if not path.exists():
        return False
    with FileLock(path) as probe:
        return not probe.try_exclusive()
