"""Import a file: read, map, send, count. Killed and started again, it goes on where it was."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from journey.v1 import errors_pb2 as reasons
from journey.v1.events_pb2 import Outcome
from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import RecordResult
from journey_client import catalogue
from journey_client._error import PREFIX
from journey_client.client import Client
from journey_client.importing.facts import Fact, Facts
from journey_client.importing.figures import Figures
from journey_client.importing.ledger import Bookmark, Rejects
from journey_client.importing.mapping import Mapping
from journey_client.importing.rows import Damaged, FileRow, Source
from journey_client.importing.sending import Sender
from journey_client.importing.templates import RowError

Told = Callable[[Figures], None]
SAVE_EVERY_S = 1.0
TELL_EVERY_S = 0.1
# Rows between looks at the clock, after which others may run.
_STRIDE = 64


async def import_file(
    client: Client,
    file: Path,
    mapping: Mapping,
    *,
    rejects: Path,
    told: Told = lambda figures: None,
) -> Figures:
    """Record what `file` holds, through a client of role service with scope clock.trusted.

    Rows that cannot be understood, or that the service rejects, go to `rejects` as JSON lines and
    are counted. `told` hears of the figures ten times a second. How far it came stands in a
    bookmark beside `rejects` until it is done. Importing again adds nothing, since ids follow from
    source and row. Raises MappingError before anything is sent, JourneyError, OSError; Damaged if
    the file ends too early, when all rows before its end are answered.
    """
    source = Source(file, mapping.form)
    try:
        if source.header is not None:
            mapping.check_header(file.name, source.header)
        bookmark = Bookmark(rejects.with_name(rejects.name + ".bookmark"), file, mapping)
        done_line = bookmark.load()
        with Rejects(rejects, done_line) as kept:
            run = _Run(mapping, source, kept, bookmark, told)
            try:
                async with asyncio.TaskGroup() as group:
                    run.sender = Sender(client, group, run.answered)
                    await run.all_rows(done_line)
            except BaseExceptionGroup as failed:
                raise _first(failed) from None
            finally:
                run.close()
    finally:
        source.close()
    return run.figures


class _Run:
    """One import under way."""

    sender: Sender

    def __init__(
        self, mapping: Mapping, source: Source, rejects: Rejects, bookmark: Bookmark, told: Told
    ) -> None:
        self.figures = Figures()
        self._facts = Facts(mapping)
        self._source = source
        self._rejects = rejects
        self._bookmark = bookmark
        self._told = told
        self._began = time.monotonic()
        self._saved = self._telling = self._began
        self._line = 0
        self._done = False

    async def all_rows(self, done_line: int) -> None:
        """Take every row, then wait for the last answers."""
        try:
            await self._read(done_line)
        except Damaged as error:
            await self.sender.flush(self._look_up)
            raise Damaged(f"{error}; {self._so_far()}") from error
        await self.sender.flush(self._look_up)
        self.figures.share = 1.0
        self._tell()
        self._done = True

    async def _read(self, done_line: int) -> None:
        for row in self._source:
            self._line = row.line
            self.figures.rows += 1
            await self._row(row, answered=row.line <= done_line)
            if self.figures.rows % _STRIDE == 0:
                await self._look_up()

    def _so_far(self) -> str:
        """What became of the rows before a damage."""
        figures = self.figures
        rejected = f", {figures.rejected:,} were rejected" if figures.rejected else ""
        return (
            f"of the {figures.rows:,} rows before that {figures.recorded:,} were recorded now, "
            f"{figures.known:,} were known{rejected}"
        )

    async def _row(self, row: FileRow, *, answered: bool) -> None:
        try:
            fact = self._facts.of(row)
        except RowError as error:
            self._reject(row, str(error), again=answered)
            return
        if fact is None:
            self.figures.ignored += 1
        elif not answered:
            await self.sender.add(fact)
        elif row.line in self._rejects.lines:
            self.figures.rejected += 1
        else:
            self.figures.earlier += 1
            self._count(fact)  # Nothing of it is new in this run.

    def answered(self, fact: Fact, interaction: Interaction, result: RecordResult) -> None:
        """One interaction of a row has its answer; with the last one the row is settled."""
        outcome = _outcome(result)
        self.figures.events[outcome] += 1
        if outcome == "rejected":
            fact.refused.append(_why(interaction, result))
        elif outcome == "recorded":
            self.figures.types[catalogue.dotted_name(interaction)] += 1
            self.figures.of_channel(fact.channel.name).events += 1
        fact.new = fact.new or outcome in ("recorded", "quarantined")
        fact.left -= 1
        if fact.left == 0 and fact.refused:
            self._reject(fact.row, "; ".join(fact.refused))
        elif fact.left == 0:
            self._count(fact)

    def _count(self, fact: Fact) -> None:
        if fact.new:
            self.figures.recorded += 1
        else:
            self.figures.known += 1
        self.figures.of_channel(fact.channel.name).rows += 1

    def _reject(self, row: FileRow, reason: str, *, again: bool = False) -> None:
        self.figures.rejected += 1
        if not again:
            self._rejects.add(row.line, reason, row.raw)

    async def _look_up(self) -> None:
        """Let others run, tell how it goes, and note how far it came."""
        now = time.monotonic()
        if now - self._telling >= TELL_EVERY_S:
            self._telling = now
            self.figures.estimate(self._source.done)
            self._tell()
        if now - self._saved >= SAVE_EVERY_S:
            self._saved = now
            self._save()
        await asyncio.sleep(0)

    def _tell(self) -> None:
        self.figures.seconds = time.monotonic() - self._began
        self._told(self.figures)

    def close(self) -> None:
        """The import is done, or stops here for now."""
        if self._done:
            self._bookmark.remove()
        else:
            self._save()

    def _save(self) -> None:
        """Note the last line before which every row is answered."""
        self._rejects.flush()
        self._bookmark.save(self.sender.oldest_line(self._line) - 1)


def _outcome(result: RecordResult) -> str:
    if result.outcome == Outcome.OUTCOME_REJECTED:
        return "rejected"
    if result.duplicate:
        return "known"
    return "quarantined" if result.outcome == Outcome.OUTCOME_QUARANTINED else "recorded"


def _why(interaction: Interaction, result: RecordResult) -> str:
    """Type, reason and every rule that was broken, in one line."""
    reason = reasons.ErrorReason.Name(result.reason).removeprefix(PREFIX)
    broken = ", ".join(f"{found.path}: {found.rule}" for found in result.violations)
    return f"{catalogue.dotted_name(interaction)}: {reason}" + (f" ({broken})" if broken else "")


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """One of the errors that ended the import together."""
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
