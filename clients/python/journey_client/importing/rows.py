"""Read rows of CSV, JSON lines and CloudEvents files, packed with gzip or not, as a stream."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from journey_client.importing.templates import Row

FORMATS = ("csv", "jsonl", "cloudevents")
LONGEST_LINE_BYTES = 1_024 * 1_024
_GZIP_MAGIC = b"\x1f\x8b"


class Damaged(OSError):
    """A packed file ends too early or was changed; the message says how."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row: its line in the file (from 1), its columns, and why it is broken, if it is."""

    line: int
    columns: Row
    raw: str
    broken: str = ""


class Source:
    """An open file of rows. Iterate it once; `done` tells the share of its bytes that was read."""

    def __init__(self, path: Path, form: str) -> None:
        self._size = max(1, path.stat().st_size)
        self._file = path.open("rb")
        packed = self._file.read(2) == _GZIP_MAGIC
        self._file.seek(0)
        stream = cast("IO[bytes]", gzip.GzipFile(fileobj=self._file) if packed else self._file)
        # A byte that is no UTF-8 spoils its row, not the file.
        self._text = io.TextIOWrapper(
            stream, encoding="utf-8-sig", errors="surrogateescape", newline=""
        )
        self._rows = _READERS[form](self._text)
        self.header: tuple[str, ...] | None = None
        if form == "csv":
            with _damage_told():
                first = next(self._rows, None)
            self.header = tuple(first.columns) if first else ()

    @property
    def done(self) -> float:
        """Share of the file that was read, 0 to 1."""
        return 1.0 if self._file.closed else min(1.0, self._file.tell() / self._size)

    def __iter__(self) -> Iterator[FileRow]:
        """The rows. Raises Damaged when the file is, e.g. cut off."""
        with _damage_told():
            yield from self._rows

    def close(self) -> None:
        """Close the file."""
        self._text.close()
        self._file.close()


@contextlib.contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Damaged(f"the packed file is damaged: {error}") from error


def format_of(path: Path) -> str:
    """The format that a file's name tells; empty if it tells none."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    by_suffix = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl"}
    return by_suffix.get(suffixes[-1], "") if suffixes else ""


def _csv_rows(text: io.TextIOWrapper) -> Iterator[FileRow]:
    """First a row whose columns are the header's, then the rows."""
    kept = _Kept(text)
    reader = csv.reader(kept, strict=True)
    header = next(reader, [])
    yield FileRow(1, dict.fromkeys(header, ""), kept.take())
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield FileRow(line, {}, kept.take(), f"no CSV: {error}")
            continue
        raw = kept.take()
        if values:
            yield FileRow(
                line, dict(zip(header, values, strict=False)), raw, _shape(header, values)
            )


class _Kept:
    """Lines of a file, remembered until they are taken: what a reject shows as its row."""

    def __init__(self, lines: io.TextIOWrapper) -> None:
        self._lines = lines
        self._kept: list[str] = []

    def __iter__(self) -> _Kept:
        return self

    def __next__(self) -> str:
        line = self._lines.readline(LONGEST_LINE_BYTES)
        if not line:
            raise StopIteration
        self._kept.append(line)
        return line

    def take(self) -> str:
        """The lines since the last call."""
        kept, self._kept = "".join(self._kept).rstrip("\r\n"), []
        return kept


def _shape(header: list[str], values: list[str]) -> str:
    if len(values) != len(header):
        return f"{len(values)} columns instead of {len(header)}"
    return _not_text("".join(values))


def _not_text(text: str) -> str:
    return "" if text.isprintable() or _encodes(text) else "not UTF-8"


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _json_rows(text: io.TextIOWrapper) -> Iterator[FileRow]:
    for line, raw in enumerate(iter(lambda: text.readline(LONGEST_LINE_BYTES), ""), 1):
        stripped = raw.strip()
        if stripped:
            yield _json_row(line, stripped)


def _json_row(line: int, raw: str) -> FileRow:
    try:
        value = json.loads(raw)
    except ValueError as error:
        return FileRow(line, {}, raw, f"no JSON: {error}")
    if not isinstance(value, dict):
        return FileRow(line, {}, raw, "no JSON object")
    return FileRow(line, dict(_flat(value)), raw, _not_text(raw))


def _cloud_event_rows(text: io.TextIOWrapper) -> Iterator[FileRow]:
    """JSON rows that must be CloudEvents 1.0 with JSON data."""
    for row in _json_rows(text):
        missing = [
            name for name in ("id", "source", "specversion", "type") if not row.columns.get(name)
        ]
        if row.broken or not missing:
            yield row
        else:
            broken = f"no CloudEvent: lacks {', '.join(missing)}"
            yield FileRow(row.line, row.columns, row.raw, broken)


def _flat(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Nested objects as dotted columns; lists as JSON; null as empty."""
    for name, each in value.items():
        if isinstance(each, Mapping):
            yield from _flat(each, f"{before}{name}.")
        elif each is None:
            yield before + name, ""
        elif isinstance(each, str):
            yield before + name, each
        else:
            yield before + name, json.dumps(each)


_READERS: Mapping[str, Callable[[io.TextIOWrapper], Iterator[FileRow]]] = {
    "csv": _csv_rows,
    "jsonl": _json_rows,
    "cloudevents": _cloud_event_rows,
}
