"""From a row to what is recorded of it. The same row gives the same ids every time."""

from __future__ import annotations

import hashlib
import re
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from urllib.parse import quote

from journey.v1.interactions_pb2 import ExternalRef, Interaction
from journey.v1.references_pb2 import JourneyRef
from journey_client import ids
from journey_client.importing.mapping import ChannelOf, Mapping, Recipe, Rule
from journey_client.importing.rows import FileRow
from journey_client.importing.templates import RowError

LONGEST_ID = 128
# Equal rows are numbered while they are within so many different rows of one another.
NUMBERED_ROWS = 100_000
# What quoting leaves as it is.
_PLAIN = re.compile(r"[A-Za-z0-9_.~:-]*")
_EARLIEST_MS = 946_684_800_000
_LATEST_MS = 4_133_980_800_000
# Clocks differ a little: what happened so shortly ahead of ours is not in the future.
_AHEAD_MS = 60_000


@dataclass(slots=True)
class Fact:
    """One row as it is recorded. `left` interactions have no answer yet; `refused` says why.

    `new` as soon as one of them was not recorded before.
    """

    row: FileRow
    subject_id: str
    installation_id: str
    channel: ChannelOf
    interactions: list[Interaction]
    left: int = 0
    new: bool = False
    refused: list[str] = field(default_factory=list)


class Facts:
    """Makes facts of rows, in the order of the file: equal rows get numbers in that order."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._times_seen: OrderedDict[bytes, int] = OrderedDict()

    def of(self, row: FileRow) -> Fact | None:
        """The fact of a row; None if the mapping ignores it. Raises RowError."""
        if row.broken:
            raise RowError(row.broken)
        mapping = self._mapping
        value = row.columns.get(mapping.rule_column, "")
        if value in mapping.ignored:
            return None
        wall_ms = self._wall_ms(row)
        channel = self._channel(row)
        rule = self._rule(value)
        external_id = self._external_id(row)
        # Behind the number that the row takes: once its time has come, all ids are the same.
        self._check_past(row, wall_ms)
        fact = Fact(
            row=row,
            subject_id=_id(mapping.subject_id.fill(row.columns), "row.subject_id"),
            installation_id=mapping.installation_id.fill(row.columns),
            channel=channel,
            interactions=[
                self._interaction(recipe, row, wall_ms, channel, external_id, self._nth(rule, at))
                for at, recipe in enumerate(rule.recipes)
            ],
        )
        fact.left = len(fact.interactions)
        return fact

    def _interaction(
        self,
        recipe: Recipe,
        row: FileRow,
        wall_ms: int,
        channel: ChannelOf,
        external_id: str,
        nth: int,
    ) -> Interaction:
        name = recipe.name if nth == 1 else f"{recipe.name}#{nth}"
        source = self._mapping.source
        interaction = Interaction(
            event_id=ids.imported_event_id(source, external_id, name),
            wall_ms=wall_ms,
            channel=channel.channel,
            channel_label=channel.label,
            device_id=self._mapping.device_id.fill(row.columns),
            correlation_id=self._mapping.session.fill(row.columns),
            external_ref=ExternalRef(source=source, id=external_id),
        )
        if recipe.kind:
            journey_id = _id(recipe.journey_id.fill(row.columns), f"{recipe.name}: journey")
            interaction.journey.CopyFrom(JourneyRef(kind=recipe.kind, journey_id=journey_id))
        getattr(interaction, recipe.field).CopyFrom(recipe.body.make(row.columns))
        return interaction

    @staticmethod
    def _nth(rule: Rule, at: int) -> int:
        """Which one of its type the recipe is within its rule."""
        name = rule.recipes[at].name
        return sum(1 for recipe in rule.recipes[: at + 1] if recipe.name == name)

    def _external_id(self, row: FileRow) -> str:
        """The row's identity as an id: its parts, and a number if equal rows came before."""
        parts = [_quoted(part.fill(row.columns)) for part in self._mapping.identity]
        if not any(parts):
            raise RowError("row.identity: all its columns are empty")
        name = "/".join(parts)
        times = self._count(name) if self._mapping.number_repeats else 1
        numbered = name if times == 1 else f"{name}#{times}"
        if len(numbered) <= LONGEST_ID:
            return numbered
        return hashlib.sha256(numbered.encode()).hexdigest()

    def _count(self, name: str) -> int:
        key = hashlib.blake2b(name.encode(), digest_size=16).digest()
        times = self._times_seen.pop(key, 0) + 1
        self._times_seen[key] = times
        if len(self._times_seen) > NUMBERED_ROWS:
            self._times_seen.popitem(last=False)
        return times

    def _wall_ms(self, row: FileRow) -> int:
        column = self._mapping.time_column
        text = row.columns.get(column, "")
        try:
            wall_ms = self._mapping.when(text)
        except (ValueError, OverflowError) as error:
            raise RowError(f"{column}: {text!r} is no time of the mapping's format") from error
        if not _EARLIEST_MS <= wall_ms < _LATEST_MS:
            raise RowError(f"{column}: {text!r} is not between the years 2000 and 2100")
        return wall_ms

    def _check_past(self, row: FileRow, wall_ms: int) -> None:
        """Old facts have happened; a time to come is a mistake, e.g. of zone or of unit."""
        if wall_ms > time.time() * 1_000 + _AHEAD_MS:
            column = self._mapping.time_column
            raise RowError(f"time: not in the future ({column}: {row.columns.get(column)!r})")

    def _channel(self, row: FileRow) -> ChannelOf:
        value = row.columns.get(self._mapping.channel_column, "")
        channel = self._mapping.channels.get(value, self._mapping.other_channel)
        if channel is None:
            raise RowError(f"{self._mapping.channel_column}: no channel for {value!r}")
        return channel

    def _rule(self, value: str) -> Rule:
        rule = self._mapping.rules.get(value, self._mapping.other_rule)
        if rule is None:
            raise RowError(f"{self._mapping.rule_column}: no rule for {value!r}")
        return rule


def _quoted(text: str) -> str:
    """A part of an identity without space, slash or anything else that an id may not hold."""
    return text if _PLAIN.fullmatch(text) else quote(text, safe=":")


def _id(text: str, what: str) -> str:
    """A text that may stand as an id; the service checks the rest. Raises RowError."""
    if not text or len(text) > LONGEST_ID:
        raise RowError(f"{what}: {text!r} must have 1 to {LONGEST_ID} characters")
    return text
