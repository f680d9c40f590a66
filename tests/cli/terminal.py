"""A command whose output a person looks at, a terminal, or reads as it comes, from a pipe."""

from __future__ import annotations

import codecs
import os
import pty
import re
import time
from pathlib import Path
from typing import TextIO

from tests.cli.conftest import PATIENCE_S, Prompt, environment
from tests.cli.typed import Ended, Typed

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A process on a terminal of so many columns."""

    def __init__(self, words: list[str], prompt: Prompt, columns: int = 140) -> None:
        ours, theirs = pty.openpty()
        self._ours = ours
        self.text = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        shown = environment(TERM="xterm-256color", COLUMNS=str(columns), LINES="40")
        with Path(os.devnull).open("rb") as nothing:
            streams = (nothing.fileno(), theirs, theirs)
            self.process = Typed(words, prompt.folder, shown, streams)
        os.close(theirs)

    def read_until(self, wanted: str) -> str:
        """Read until this text was printed; without escape sequences."""
        end = time.monotonic() + PATIENCE_S
        while wanted not in self.text:
            assert time.monotonic() < end, f"{wanted!r} did not come: {self.text}"
            if not self._more():
                raise AssertionError(f"ended before {wanted!r}: {self.text}")
        return self.text

    def read_all(self) -> Ended:
        """Read to the end of the process."""
        while self._more():
            pass
        os.close(self._ours)
        return Ended(self.process.wait(PATIENCE_S), self.text, "")

    def _more(self) -> bool:
        try:
            read = os.read(self._ours, 65_536)
        except OSError:  # how a terminal says that nobody writes any more
            return False
        arrived, self._held = _whole(self._held + self._decoder.decode(read))
        self.text += _ESCAPES.sub("", arrived).replace("\r\n", "\n")
        return bool(read)


def _whole(arrived: str) -> tuple[str, str]:
    """What can be understood, and the beginning of a sequence whose end has not come yet."""
    begun = arrived.rfind("\x1b")
    if begun >= 0 and not _ESCAPES.match(arrived, begun):
        return arrived[:begun], arrived[begun:]
    if arrived.endswith("\r"):
        return arrived[:-1], "\r"
    return arrived, ""


def on_terminal(prompt: Prompt, command: str, *arguments: str) -> Ended:
    """Run a command on a terminal to its end; everything it printed is in `out`."""
    return Terminal(prompt.words(command, *arguments), prompt).read_all()


def piped(words: list[str], prompt: Prompt) -> tuple[Typed, TextIO]:
    """A command that runs, and its output as it comes."""
    ours, theirs = os.pipe()
    with Path(os.devnull).open("rb") as nothing:
        streams = (nothing.fileno(), theirs, 2)
        typed = Typed(words, prompt.folder, environment(), streams)
    os.close(theirs)
    return typed, os.fdopen(ours, encoding="utf-8")
