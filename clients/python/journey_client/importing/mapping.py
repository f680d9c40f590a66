"""A mapping: how rows of a foreign file become interactions. Read from TOML, checked whole.

See examples/ecom.toml for one with every part explained.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google.protobuf.message_factory import GetMessageClass

from journey.v1.interactions_pb2 import Channel
from journey_client import catalogue
from journey_client._described import channel_of
from journey_client.importing import times
from journey_client.importing.bodies import Body, body_of
from journey_client.importing.rows import FORMATS, format_of
from journey_client.importing.templates import Template

REPEATS = ("number", "same")
# Of a file that the mapping is not for, so much of the first line is shown.
_SHOWN_CHARS = 100
_EMPTY = Template(("",))


class MappingError(ValueError):
    """A mapping cannot be used; one line for each thing wrong, with its place."""

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{name}: {problem}" for problem in problems))


@dataclass(frozen=True, slots=True)
class Recipe:
    """One interaction that a rule makes. `field` is the member of Interaction.body."""

    name: str
    field: str
    kind: str
    journey_id: Template
    body: Body


@dataclass(frozen=True, slots=True)
class Rule:
    """What to make of a row whose rule column holds one of `when`; empty = any other value."""

    when: tuple[str, ...]
    recipes: tuple[Recipe, ...]


@dataclass(frozen=True, slots=True)
class ChannelOf:
    """Where something happened; `label` names it with CHANNEL_OTHER."""

    channel: Channel
    label: str = ""

    @property
    def name(self) -> str:
        """As figures are told: web, mobile_app, other (tablet)."""
        name = Channel.Name(self.channel).removeprefix("CHANNEL_").lower()
        return f"{name} ({self.label})" if self.label else name


@dataclass(slots=True)
class Mapping:
    """How rows become interactions. `digest` changes with every change of its text."""

    source: str
    form: str
    identity: tuple[Template, ...]
    number_repeats: bool
    subject_id: Template
    installation_id: Template
    device_id: Template
    session: Template
    time_column: str
    when: times.When
    channel_column: str
    channels: Table[str, ChannelOf]
    other_channel: ChannelOf | None
    rule_column: str
    rules: Table[str, Rule]
    other_rule: Rule | None
    ignored: frozenset[str]
    digest: str
    columns: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def load(cls, path: Path, file: Path) -> Mapping:
        """Read the mapping at `path` for the data in `file`. Raises MappingError, OSError."""
        text = path.read_text(encoding="utf-8")
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise MappingError(path.name, [f"no TOML: {error}"]) from error
        reading = _Reading(path.name)
        mapping = reading.mapping(table, file, hashlib.sha256(text.encode()).hexdigest())
        if mapping is None or reading.problems:
            raise MappingError(path.name, reading.problems)
        return mapping

    def check_header(self, name: str, header: Sequence[str]) -> None:
        """Raises MappingError for columns that the file does not have."""
        missing = sorted(self.columns - set(header))
        if missing and len(missing) == len(self.columns):
            told = ",".join(header)[:_SHOWN_CHARS] or "nothing"
            raise MappingError(
                name, [f"does not look like a file of this mapping; its first line is: {told}"]
            )
        if missing:
            has = ", ".join(header) or "none"
            raise MappingError(
                name, [f"needs column {column!r}, but the file has {has}" for column in missing]
            )


@dataclass(slots=True)
class _Reading:
    """Reads one mapping and gathers what is wrong with it."""

    name: str
    problems: list[str] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)

    def mapping(self, table: dict[str, Any], file: Path, digest: str) -> Mapping | None:
        known = {"source", "format", "row", "time", "channel", "rules", "rule"}
        self.known_keys(table, known, "")
        form = self.choice(table.get("format", format_of(file)), FORMATS, "format")
        row, time = self.table(table, "row"), self.table(table, "time")
        self.known_keys(
            row,
            {"identity", "repeats", "subject_id", "installation_id", "device_id", "session"},
            "row.",
        )
        events = form == "cloudevents"
        identity = row.get("identity", ["{source}", "{id}"] if events else None)
        rules = self.table(table, "rules")
        self.known_keys(rules, {"column", "ignore"}, "rules.")
        rule_column = self.column(rules, "column", "rules.", "type" if events else "")
        by_value, other = self.rules(table.get("rule"))
        channels, other_channel, channel_column = self.channels(self.table(table, "channel"))
        mapping = Mapping(
            source=self.text(table, "source", ""),
            form=form,
            identity=self.identity(identity),
            number_repeats=self.choice(row.get("repeats", "same"), REPEATS, "row.repeats")
            == "number",
            subject_id=self.template(row, "subject_id", "row."),
            installation_id=self.template(row, "installation_id", "row.", required=False),
            device_id=self.template(row, "device_id", "row.", required=False),
            session=self.template(row, "session", "row.", required=False),
            time_column=self.column(time, "column", "time.", "time" if events else ""),
            when=self.when(time, events=events),
            channel_column=channel_column,
            channels=channels,
            other_channel=other_channel,
            rule_column=rule_column,
            rules=by_value,
            other_rule=other,
            ignored=frozenset(self.texts(rules.get("ignore", []), "rules.ignore")),
            digest=digest,
            columns=frozenset(self.columns),
        )
        return None if self.problems else mapping

    # --- parts ---

    def identity(self, value: Any) -> tuple[Template, ...]:
        """Columns, or templates, that name a row."""
        listed = self.texts(value, "row.identity")
        if not listed:
            self.problems.append("row.identity: the columns that name a row, e.g. ['id']")
        return tuple(
            self.parsed(text if "{" in text else f"{{{text}}}", "row.identity") for text in listed
        )

    def when(self, time: Table[str, Any], *, events: bool) -> times.When:
        self.known_keys(time, {"column", "format", "zone"}, "time.")
        form = time.get("format", "iso8601" if events else None)
        if not isinstance(form, str) or (form not in times.NAMED and "%" not in form):
            named = ", ".join(times.NAMED)
            self.problems.append(
                f"time.format: one of {named}, or a pattern as '%Y-%m-%d %H:%M:%S'"
            )
            return int
        return times.reader(form, self.zone(time.get("zone", "UTC")))

    def zone(self, name: Any) -> tzinfo:
        try:
            return UTC if name == "UTC" else ZoneInfo(str(name))
        except (ZoneInfoNotFoundError, ValueError):
            self.problems.append(f"time.zone: {name!r} is no IANA zone such as Europe/Amsterdam")
            return UTC

    def channels(
        self, table: Table[str, Any]
    ) -> tuple[dict[str, ChannelOf], ChannelOf | None, str]:
        """Channel by value of its column, the one of other values, and that column."""
        self.known_keys(table, {"column", "values", "default"}, "channel.")
        values = self.table(table, "values", "channel.") if "values" in table else {}
        found = {
            value: self.channel(told, f"channel.values.{value}") for value, told in values.items()
        }
        default = table.get("default")
        other = None if default is None else self.channel(default, "channel.default")
        if not found and other is None:
            self.problems.append("channel: needs values with their column, or a default")
        column = self.column(table, "column", "channel.", "") if found else ""
        return found, other, column

    def channel(self, told: Any, path: str) -> ChannelOf:
        table = {"channel": told} if isinstance(told, str) else told
        if not isinstance(table, dict):
            self.problems.append(
                f'{path}: a channel, e.g. "web" or {{channel = "other", label = …}}'
            )
            return ChannelOf(Channel.CHANNEL_OTHER)
        self.known_keys(table, {"channel", "label"}, f"{path}.")
        try:
            channel = channel_of(str(table.get("channel", "")))
        except ValueError as error:
            self.problems.append(f"{path}: {error}")
            return ChannelOf(Channel.CHANNEL_OTHER)
        label = str(table.get("label", ""))
        if channel == Channel.CHANNEL_OTHER and not label:
            self.problems.append(f"{path}: channel other needs a label that names it")
        return ChannelOf(channel, label)

    def rules(self, value: Any) -> tuple[dict[str, Rule], Rule | None]:
        """Rules by value of the rule column, and the one for all other values."""
        if not isinstance(value, list) or not value:
            self.problems.append("rule: at least one [[rule]]")
            return {}, None
        by_value: dict[str, Rule] = {}
        other: Rule | None = None
        for number, table in enumerate(value, 1):
            rule = self.rule(table, number)
            other = other if rule.when else rule
            for each in rule.when:
                if each in by_value:
                    self.problems.append(f"rule {number}: {each!r} has a rule already")
                by_value[each] = rule
        return by_value, other

    def rule(self, table: Table[str, Any], number: int) -> Rule:
        when = table.get("when", [])
        listed = self.texts([when] if isinstance(when, str) else when, f"rule {number}: when")
        path = f"rule {number} ({', '.join(listed) or 'any other'})"
        several = table.get("interaction")
        self.known_keys(
            table,
            {"when", "interaction"} if several else {"when", "type", "journey", "body"},
            f"{path}: ",
        )
        made = several if isinstance(several, list) else [table]
        recipes = [self.recipe(each, f"{path}, interaction {n}") for n, each in enumerate(made, 1)]
        return Rule(tuple(listed), tuple(found for found in recipes if found is not None))

    def recipe(self, table: Table[str, Any], path: str) -> Recipe | None:
        name = table.get("type")
        found = catalogue.types().get(name) if isinstance(name, str) else None
        if found is None or found.message_type is None:
            self.problems.append(f"{path}: {name!r} is no type of interaction, e.g. page.viewed")
            return None
        self.known_keys(table, {"when", "type", "journey", "body"}, f"{path}: ")
        told = table.get("body", {})
        if not isinstance(told, dict):
            self.problems.append(f"{path}: body: a table")
            return None
        body = body_of(GetMessageClass(found.message_type), told)
        self.problems += [f"{path}: {problem}" for problem in body.problems]
        self.columns |= body.columns
        kind, journey_id = self.journey(found.name, table.get("journey"), path)
        return Recipe(str(name), found.name, kind, journey_id, body)

    def journey(self, field_name: str, told: Any, path: str) -> tuple[str, Template]:
        """Kind and id of the journey: `kind/id`, or the type's default."""
        rules = catalogue.rules_of(field_name)
        if told is None:
            if rules.kinds and not rules.default_journey_id and not rules.journey_optional:
                self.problems.append(f"{path}: needs a journey, e.g. {rules.kinds[0]}/{{column}}")
            named = bool(rules.kinds and rules.default_journey_id)
            return (
                (rules.kinds[0], Template((rules.default_journey_id,))) if named else ("", _EMPTY)
            )
        kind, _, journey_id = str(told).partition("/")
        if kind not in rules.kinds and "*" not in rules.kinds:
            allowed = ", ".join(rules.kinds) or "none: leave journey out"
            self.problems.append(f"{path}: journey {told!r}: {rules.name} is for {allowed}")
        return kind, self.parsed(journey_id or rules.default_journey_id, f"{path}: journey")

    # --- values ---

    def table(self, table: Table[str, Any], key: str, path: str = "") -> dict[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.problems.append(f"{path}{key}: a table, [{path}{key}]")
        return {}

    def known_keys(self, table: Table[str, Any], known: set[str], path: str) -> None:
        self.problems += [
            f"{path}{key}: not known here; there are {', '.join(sorted(known))}"
            for key in table
            if key not in known
        ]

    def text(self, table: Table[str, Any], key: str, path: str) -> str:
        value = table.get(key)
        if isinstance(value, str) and value:
            return value
        self.problems.append(f"{path}{key}: required")
        return ""

    def column(self, table: Table[str, Any], key: str, path: str, default: str) -> str:
        name = self.text(table, key, path) if key in table or not default else default
        self.columns.add(name)
        return name

    def texts(self, value: Any, path: str) -> list[str]:
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return value
        if value is not None:
            self.problems.append(f"{path}: a list of texts")
        return []

    def choice(self, value: Any, choices: Sequence[str], path: str) -> str:
        if value in choices:
            return str(value)
        self.problems.append(f"{path}: one of {', '.join(choices)}")
        return ""

    def template(
        self, table: Table[str, Any], key: str, path: str, *, required: bool = True
    ) -> Template:
        if key not in table and not required:
            return _EMPTY
        return self.parsed(self.text(table, key, path), f"{path}{key}")

    def parsed(self, text: str, path: str) -> Template:
        try:
            template = Template.parse(text)
        except ValueError as error:
            self.problems.append(f"{path}: {error}")
            return _EMPTY
        self.columns |= template.columns
        return template
