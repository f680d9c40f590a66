"""What an import keeps beside it: the reject file, and how far it came, for the next run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from journey_client.importing.mapping import Mapping

_LOOKED_AT_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not recorded: its line from 1, why, and the row as it stood."""

    line: int
    reason: str
    row: str


class Rejects:
    """Rejected rows as JSON lines; the file appears with the first one.

    Rows up to `done_line` were written in an earlier run and are kept.
    """

    def __init__(self, path: Path, done_line: int = 0) -> None:
        self.path = path
        kept = [each for each in _read(path) if each.line <= done_line]
        self.lines = frozenset(each.line for each in kept)
        self._file: IO[str] | None = None
        if kept:
            for each in kept:
                self._write(each)
        else:
            path.unlink(missing_ok=True)

    def add(self, line: int, reason: str, row: str) -> None:
        """Write one rejected row."""
        self._write(Rejected(line, reason, row))

    def _write(self, rejected: Rejected) -> None:
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", errors="backslashreplace")
        told = {"line": rejected.line, "reason": rejected.reason, "row": rejected.row}
        self._file.write(json.dumps(told, ensure_ascii=False) + "\n")

    def flush(self) -> None:
        """Let other programs see what was written."""
        if self._file is not None:
            self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()


def _read(path: Path) -> list[Rejected]:
    """The rejects of an earlier run; a last line that was cut off is left out."""
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            found.append(Rejected(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


class Bookmark:
    """How far an import came: all rows up to a line are answered. Gone when it is done.

    It counts only for the same file and the same mapping. Without it an import begins at the
    start and, by its ids, still adds nothing twice; with it, answered rows are not sent again.
    """

    def __init__(self, path: Path, file: Path, mapping: Mapping) -> None:
        self._path = path
        with file.open("rb") as opened:
            looked_at = hashlib.sha256(opened.read(_LOOKED_AT_BYTES)).hexdigest()
        self._about = {
            "file": f"{file.stat().st_size} {looked_at}",
            "mapping": mapping.digest,
        }

    def load(self) -> int:
        """The last line of the answered part; 0 = none."""
        try:
            told = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return 0
        same = isinstance(told, dict) and told.get("about") == self._about
        line = told.get("line", 0) if same else 0
        return line if isinstance(line, int) else 0

    def save(self, line: int) -> None:
        """All rows up to this line are answered."""
        fresh = self._path.with_name(self._path.name + ".new")
        fresh.write_text(json.dumps({"about": self._about, "line": line}), encoding="utf-8")
        fresh.replace(self._path)

    def remove(self) -> None:
        """The import is done."""
        self._path.unlink(missing_ok=True)
