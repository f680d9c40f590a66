"""What commands say: tables and colours to people, one JSON object a line to programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich.console import Console
from rich.table import Table
from rich.text import Text

from journey.v1.interactions_pb2 import Channel
from journey.v1.journeys_pb2 import Journey
from journey_service.cli.fitting import GAP, SPARE, WHOLE, fitted
from journey_service.cli.places import PLACES

Record = Mapping[str, Any]
EMPTY = "empty"


@dataclass(slots=True)
class Output:
    """Where a command writes. `as_json` unless a person looks at it."""

    as_json: bool
    console: Console = field(default_factory=lambda: Console(highlight=False))
    notes: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))

    @classmethod
    def of(cls, *, json_asked: bool) -> Output:
        """JSON lines if asked for or piped; else for a terminal."""
        return cls(as_json=json_asked or not sys.stdout.isatty())

    def record(self, record: Record) -> None:
        """One object, for programs."""
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def say(self, text: str | Text = "", **style: Any) -> None:
        """A line for people; programs do not get it."""
        if not self.as_json:
            self.console.print(text, **style)

    def note(self, text: str, style: str = "") -> None:
        """A line beside the output, on stderr."""
        self.notes.print(text, soft_wrap=True, markup=False, style=style or None)

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        title: str = "",
        spare: Sequence[str] = SPARE,
    ) -> None:
        """A table for people; a narrow terminal goes without the columns of `spare`."""
        if not self.as_json:
            listed = [tuple(row) for row in rows]
            shown, cells, whole = fitted(columns, listed, self.console.width, spare)
            self.console.print(table(shown, cells, title=title, whole=whole))


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "", whole: bool = True
) -> Table:
    """A plain table: a heading, no frame. `whole`: what is copied stays on one line."""
    made = Table(title=title or None, title_justify="left", box=None, padding=(0, GAP, 0, 0))
    for column in columns:
        no_wrap = whole and column in WHOLE
        made.add_column(column, header_style="bold", overflow="fold", no_wrap=no_wrap)
    for row in rows:
        made.add_row(*(Text(cell, overflow="fold") for cell in row))
    return made


def place(point_ms: int) -> str:
    """A place in content as H:MM:SS.mmm."""
    seconds, ms = divmod(point_ms, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}.{ms:03}"


def moment(at_ms: int) -> str:
    """A moment in this machine's zone: today's to the second, others to the minute."""
    if not at_ms:
        return ""
    then = datetime.fromtimestamp(at_ms / 1_000, UTC).astimezone()
    today = then.date() == datetime.now(UTC).astimezone().date()
    return then.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M")


def iso(at_ms: int) -> str:
    """A moment as ISO 8601 in UTC with milliseconds, for programs; empty for none."""
    if not at_ms:
        return ""
    return datetime.fromtimestamp(at_ms / 1_000, UTC).isoformat(timespec="milliseconds")


def channel(number: Channel, label: str = "") -> str:
    """A channel as people read it."""
    if label:
        return label
    return Channel.Name(number).removeprefix("CHANNEL_").lower() if number else ""


def resume_point(journey: Journey) -> str:
    """Where a journey can be gone on with, in words."""
    kind = journey.WhichOneof("state")
    if kind == "media":
        whole = f" of {place(journey.media.duration_ms)}" if journey.media.duration_ms else ""
        return place(journey.media.point_ms) + whole
    return (PLACES[kind](journey) or EMPTY) if kind in PLACES else ""


def message(of: Message) -> dict[str, Any]:
    """A message as JSON with the names of the schema."""
    return MessageToDict(of, preserving_proto_field_name=True)
