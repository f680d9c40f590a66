"""`journey export`: what was recorded into a file, to an end that is fixed when it begins.

    FILE.part + FILE.part.bookmark ──all written──▶ FILE

The bookmark names a place and how many bytes of the part belong to it. Killed, the next export cuts
the part there and goes on. A file that ends in .gz is written in members, each whole by itself.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from journey.v1.events_pb2 import Event
from journey.v1.reading_pb2 import EndPoint, EventFilter, StartPoint
from journey_client import Client, JourneyError
from journey_service.cli import history
from journey_service.cli.exits import Exit, Refusal, into_a_folder
from journey_service.cli.output import Output
from journey_service.domain.tokens import fingerprint

TELL_EVERY_S = 2.0
# So many bytes of JSON are written, and the place with them, at a time.
CHUNK_BYTES = 4 * 1_024 * 1_024


@dataclass(slots=True)
class Bookmark:
    """How far an export came: behind `place` nothing is in the part, which has `size` bytes."""

    asked: str
    end: str
    place: str = ""
    size: int = 0
    events: int = 0

    @classmethod
    def load(cls, path: Path) -> Bookmark | None:
        """The one that is there. Raises Refusal where it cannot be read."""
        try:
            return cls(**json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise Refusal(
                f"{path} is no bookmark: {error}", f"Remove it and begin anew: rm {path}", Exit.DATA
            ) from error

    def save(self, path: Path) -> None:
        """Keep it, whole or not at all."""
        fresh = path.with_name(f"{path.name}.new")
        kept = {name: getattr(self, name) for name in ("asked", "end", "place", "size", "events")}
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(kept, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


@dataclass(slots=True)
class Pace:
    """How an export goes. `heads`: positions by partition, of all that there is; `began_at` is
    seconds of a clock that only goes on, and `before` what an earlier run had written."""

    heads: dict[int, int]
    before: int
    began_at: float = field(default_factory=time.monotonic)
    events: int = 0
    share: float = 0.0
    _began_share: float = -1.0

    def wrote(self, events: int, last: Event) -> None:
        """So many more; partitions come one after the other, so the last tells how far it is."""
        self.events += events
        whole = sum(self.heads.values())
        if whole:
            passed = sum(head for part, head in self.heads.items() if part < last.partition)
            self.share = min(1.0, (passed + last.position) / whole)
        if self._began_share < 0:
            self._began_share = self.share

    def __str__(self) -> str:
        seconds = max(time.monotonic() - self.began_at, 1e-3)
        told = f"{self.before + self.events:,} events, {self.events / seconds:,.0f} a second"
        done = self.share - self._began_share
        if done > 0 and self.share < 1:
            told += f", {(1 - self.share) / done * seconds:,.0f} s left"
        return told


async def export(
    client: Client, file: Path, out: Output, *, subject_id: str, wanted: EventFilter
) -> None:
    """Write the events, or the rest of them, show how it goes, and print what came of it."""
    part, marked = _beside(file)
    bookmark = await _bookmark(client, marked, part, subject_id, wanted)
    resumed = bookmark.events
    pace = Pace(await heads_of(client, subject_id), resumed)
    with progress(out, "export") as told, _writing(part, bookmark) as writing:
        async for page in client.read_events(
            subject_id,
            start=StartPoint(checkpoint=bookmark.place) if bookmark.place else None,
            end=EndPoint(checkpoint=bookmark.end),
            filter=wanted,
            purpose=history.PURPOSE,
        ):
            writing.write(page.events, page.checkpoint)
            if writing.waiting >= CHUNK_BYTES:
                writing.flush(marked)
            if page.events:
                pace.wrote(len(page.events), page.events[-1])
                told(pace)
        writing.flush(marked)
    part.replace(file)
    marked.unlink()
    _summary(out, file, bookmark, resumed)


def _beside(file: Path) -> tuple[Path, Path]:
    """The part and its bookmark. Raises Refusal where the file is there, or no folder."""
    into_a_folder("", file)
    if file.exists():
        raise Refusal(f"{file} is there already", "Remove it, or name another file.", Exit.DATA)
    part = file.with_name(f"{file.name}.part")
    return part, part.with_name(f"{part.name}.bookmark")


async def _bookmark(
    client: Client, marked: Path, part: Path, subject_id: str, wanted: EventFilter
) -> Bookmark:
    """Where to go on, or a new one whose end is the head of now. Raises Refusal."""
    asked = f"{fingerprint(subject_id, wanted.SerializeToString(deterministic=True).hex()):016x}"
    known = Bookmark.load(marked)
    if known is None:
        end = ""
        async for page in client.read_events(
            subject_id, start=StartPoint(end=True), filter=wanted, purpose=history.PURPOSE
        ):
            end = page.checkpoint
        return Bookmark(asked, end)
    if known.asked != asked:
        raise Refusal(
            f"{part} is what was written of other events",
            f"Export with the options of then, or remove it: rm {part} {marked}",
            Exit.DATA,
        )
    return known


async def heads_of(client: Client, subject_id: str) -> dict[int, int]:
    """Head by partition, for the share that is done; nothing where that cannot be told."""
    if subject_id:
        return {}
    with contextlib.suppress(JourneyError):
        found = (await client.partitions()).partitions
        return {each.partition: each.head_position for each in found}
    return {}


class _Writing:
    """Lines on their way into the part."""

    def __init__(self, file: BinaryIO, bookmark: Bookmark, *, packed: bool) -> None:
        self._file = file
        self._bookmark = bookmark
        self._packed = packed
        self._lines: list[bytes] = []
        self._place = bookmark.place
        self.waiting = 0

    def write(self, events: tuple[Event, ...], place: str) -> None:
        """Take these; they are in the file after the next flush."""
        for event in events:
            line = json.dumps(history.record_of(event), ensure_ascii=False) + "\n"
            self._lines.append(line.encode())
            self.waiting += len(self._lines[-1])
        self._place = place or self._place

    def flush(self, marked: Path) -> None:
        """Bring them to disk, then the place behind them."""
        content = b"".join(self._lines)
        if content:
            # Without a time in it, equal events make equal bytes.
            self._file.write(gzip.compress(content, mtime=0) if self._packed else content)
            self._file.flush()
            os.fsync(self._file.fileno())
        self._bookmark.size = self._file.tell()
        self._bookmark.events += len(self._lines)
        self._bookmark.place = self._place
        self._bookmark.save(marked)
        self._lines, self.waiting = [], 0


@contextlib.contextmanager
def _writing(part: Path, bookmark: Bookmark) -> Iterator[_Writing]:
    """The part, cut where the bookmark says that it is good."""
    with part.open("r+b" if bookmark.size and part.exists() else "wb") as file:
        if file.seek(0, os.SEEK_END) < bookmark.size:
            raise Refusal(
                f"{part} is shorter than its bookmark says",
                f"Begin anew: rm {part} {part}.bookmark",
                Exit.DATA,
            )
        file.truncate(bookmark.size)
        file.seek(bookmark.size)
        # The name is FILE.part.
        yield _Writing(file, bookmark, packed=part.stem.endswith(".gz"))


@contextlib.contextmanager
def progress(out: Output, name: str) -> Iterator[Callable[[Pace], None]]:
    """A bar on a terminal; else a line on stderr every two seconds."""
    if not out.notes.is_terminal:
        yield _lines(out)
        return
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[text]}"))
    with Progress(*columns, console=out.notes) as bar:
        task = bar.add_task(name, total=1.0, text="")
        yield lambda pace: bar.update(task, completed=pace.share, text=str(pace))


def _lines(out: Output) -> Callable[[Pace], None]:
    last = time.monotonic()

    def told(pace: Pace) -> None:
        nonlocal last
        if time.monotonic() - last >= TELL_EVERY_S:
            last = time.monotonic()
            out.note(f"{pace.share:4.0%}  {pace}" if pace.heads else str(pace))

    return told


def _summary(out: Output, file: Path, bookmark: Bookmark, resumed: int) -> None:
    with file.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    record: dict[str, Any] = {
        "file": str(file),
        "events": bookmark.events,
        "resumed": resumed,
        "bytes": file.stat().st_size,
        "sha256": digest,
        "checkpoint": bookmark.place,
    }
    if out.as_json:
        out.record(record)
        return
    out.say(f"{file}: {bookmark.events:,} events, {record['bytes']:,} bytes")
    if resumed:
        out.say(f"went on behind {resumed:,} events of an export that was broken off")
    out.say(f"sha256 {digest}")
    out.say("What is recorded from here on: journey tail --after CHECKPOINT, with the same filter")
    out.say(f"checkpoint {bookmark.place}", soft_wrap=True)
