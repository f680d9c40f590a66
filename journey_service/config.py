"""Settings as they are given: read, checked, described.

A setting comes from the command line, else from the environment variable JOURNEY_<NAME>, else it
has its default in settings.py.
"""

from __future__ import annotations

import dataclasses
import difflib
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from journey_service.setting_rules import Rules
from journey_service.settings import Settings

__all__ = [
    "FIELDS",
    "Row",
    "Settings",
    "SettingsError",
    "describe",
    "load",
    "nearest",
    "rules_of",
    "unknown_variables",
    "variable_of",
]

PREFIX = "JOURNEY_"
# Variables that other parts read, so that they are not taken for misspelt settings.
OTHER_VARIABLES = frozenset(
    {
        "JOURNEY_ADDRESS",
        "JOURNEY_FAILPOINTS",
        "JOURNEY_PURPOSE",
        "JOURNEY_READS",
        "JOURNEY_TOKEN",
        "JOURNEY_TOKEN_FILE",
    }
)


class SettingsError(ValueError):
    """Some settings break their rules; the text has one line for each."""


class Row(NamedTuple):
    """One setting as people read it."""

    section: str
    name: str
    variable: str
    value: str
    default: str
    rule: str
    doc: str


FIELDS: Mapping[str, dataclasses.Field[Any]] = {f.name: f for f in dataclasses.fields(Settings)}
_TYPES: Mapping[str, Any] = typing.get_type_hints(Settings)


def load(environ: Mapping[str, str], overrides: Mapping[str, object] | None = None) -> Settings:
    """The settings of this process: overrides (None = not given) before environment before default.

    Raises SettingsError naming every variable that breaks its rule, with the rule.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for told, name, value in _given(environ, overrides or {}):
        if name not in FIELDS:
            problems.append(f"{told}: there is no such setting{_did_you_mean(name)}")
            continue
        try:
            values[name] = _parsed(name, value)
        except ValueError as error:
            shown = "…" if rules_of(name).secret else repr(str(value))
            problems.append(f"{told}={shown}: {error} ({rules_of(name).doc})")
    if problems:
        raise SettingsError("\n".join(problems))
    settings = Settings(**values)
    problems = list(_contradictions(settings))
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def describe(settings: Settings | None = None) -> list[Row]:
    """All settings with their values (default: the defaults), in order; secrets are not shown."""
    shown = settings or Settings()
    return [
        Row(
            rules_of(name).section,
            name,
            variable_of(name),
            _text(name, getattr(shown, name)),
            _text(name, found.default),
            _rule(name),
            rules_of(name).doc,
        )
        for name, found in FIELDS.items()
    ]


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Variables that look like settings and are none, each with the nearest name."""
    return [
        variable + _did_you_mean(variable.removeprefix(PREFIX).lower())
        for variable in sorted(environ)
        if variable.startswith(PREFIX)
        and variable not in OTHER_VARIABLES
        and variable.removeprefix(PREFIX).lower() not in FIELDS
    ]


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def nearest(name: str) -> str:
    """The setting whose name is most like this one; empty if none is."""
    return next(iter(difflib.get_close_matches(name, FIELDS, n=1)), "")


def rules_of(name: str) -> Rules:
    """What holds for a setting."""
    rules: Rules = FIELDS[name].metadata["rules"]
    return rules


def _given(
    environ: Mapping[str, str], overrides: Mapping[str, object]
) -> Iterator[tuple[str, str, object]]:
    """Each value as (what its giver calls it, setting, value); later ones win."""
    for name in FIELDS:
        if environ.get(variable_of(name), "") != "":
            yield variable_of(name), name, environ[variable_of(name)]
    for name, value in overrides.items():
        if value is not None:
            yield "--" + name.replace("_", "-"), name, value


def _parsed(name: str, value: object) -> object:
    wanted = _TYPES[name]
    rules = rules_of(name)
    if wanted is bool:
        return _flag(value)
    if wanted is int:
        return _number(rules, value)
    if wanted == Path | None:
        return Path(str(value)).expanduser()
    if rules.choices and str(value) not in rules.choices:
        raise ValueError(f"must be one of {', '.join(rules.choices)}")
    return str(value)


def _flag(value: object) -> bool:
    known = {"1": True, "true": True, "yes": True, "on": True}
    known |= {"0": False, "false": False, "no": False, "off": False}
    try:
        return known[str(value).strip().lower()]
    except KeyError:
        raise ValueError("must be true or false") from None


def _number(rules: Rules, value: object) -> int:
    try:
        number = int(str(value).strip())
    except ValueError:
        raise ValueError("must be a whole number") from None
    if rules.at_least is not None and number < rules.at_least:
        raise ValueError(f"must be at least {rules.at_least}")
    if rules.at_most is not None and number > rules.at_most:
        raise ValueError(f"must be at most {rules.at_most}")
    return number


def _contradictions(settings: Settings) -> Iterator[str]:
    """Pairs that cannot both hold: the first must not be above the second."""
    pairs = (
        ("page_size", "page_size_max"),
        ("events_page_size", "events_page_size_max"),
        ("admission_floor_calls", "admission_start_calls"),
        ("admission_start_calls", "admission_ceiling_calls"),
        ("batch_bytes", "message_bytes"),
        ("service_batch_bytes", "message_bytes"),
        ("interaction_bytes", "batch_bytes"),
        ("service_interaction_bytes", "service_batch_bytes"),
        ("session_idle_ms", "session_longest_ms"),
        ("head_poll_busy_ms", "head_poll_idle_ms"),
    )
    for small, great in pairs:
        if getattr(settings, small) > getattr(settings, great):
            yield (
                f"{variable_of(small)}={getattr(settings, small)}: "
                f"must not be above {variable_of(great)}={getattr(settings, great)}"
            )
    longest_ms = settings.stream_life_ms * 11 // 10
    if settings.connection_grace_ms < longest_ms:
        yield (
            f"{variable_of('connection_grace_ms')}={settings.connection_grace_ms}: must be at "
            f"least {longest_ms}, the longest life of a stream, or connections cut streams"
        )


def _rule(name: str) -> str:
    rules = rules_of(name)
    if rules.choices:
        return " | ".join(rules.choices)
    if _TYPES[name] is bool:
        return "true | false"
    if _TYPES[name] is not int:
        return ""
    most = f" to {rules.at_most:,}" if rules.at_most is not None else " or more"
    return f"{rules.at_least or 0:,}{most}"


def _text(name: str, value: object) -> str:
    if value is None or value == "":
        return ""
    if rules_of(name).secret:
        return "(set)"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _did_you_mean(name: str) -> str:
    near = nearest(name)
    return f"; did you mean {variable_of(near)}?" if near else ""
