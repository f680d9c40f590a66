"""What a deployment declares of its own: custom kinds of journeys and names of interactions.

A file of declarations is TOML, read at start:

    [[kind]]
    name = "quest"
    archive_after_days = 30                         # default 400
    finished = { field = "level", at_least = 10 }   # one condition, or a list that must all hold
    listed = [{ field = "stage", present = true }]  # default: never, as for finished
    [kind.fields]
    stage = "latest_with_conflicts"                 # or latest, max, tags, quantity

    [[interaction]]
    name = "quest.moved"
    roles = ["device", "service"]                   # default: service
    purpose = "functional"                          # default: analytics
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_SERVICE, ROLE_STAFF, Role
from journey.v1.rules_pb2 import FORMAT_CUSTOM_NAME, FORMAT_PURPOSE
from journey_service.config import SettingsError
from journey_service.domain.catalogue import KINDS
from journey_service.domain.formats import CustomType, Declared, format_checks
from projections.journeys.custom import Condition, CustomKind, Part
from projections.thresholds import CUSTOM_FIELDS_MOST

Entry = Mapping[str, Any]
Made = TypeVar("Made", CustomKind, tuple[str, CustomType])

DAY_MS = 24 * 60 * 60 * 1_000
DEFAULT_ARCHIVE_DAYS = CustomKind("", {}).archive_after_ms // DAY_MS
KIND_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
ROLES: Mapping[str, Role] = {"device": ROLE_DEVICE, "staff": ROLE_STAFF, "service": ROLE_SERVICE}
PARTS: Mapping[str, Part] = {part.value: part for part in Part}
CHECKS = format_checks(Declared())


@dataclass(frozen=True, slots=True)
class Declarations:
    """All that a file declares: kinds of journeys, and by name the types of interactions."""

    kinds: tuple[CustomKind, ...] = ()
    types: Mapping[str, CustomType] = field(default_factory=dict)

    def declared(self) -> Declared:
        """The same as the rules of recording need it."""
        return Declared(
            custom_types=self.types, custom_kinds=frozenset(kind.name for kind in self.kinds)
        )


class _Wrong(Exception):
    """What is wrong with one entry."""


def load_declarations(path: Path) -> Declarations:
    """The declarations of a file. Raises SettingsError with a line for each entry that is wrong."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
        _know(document, {"kind", "interaction"})
        kinds, interactions = (_tables(document, each) for each in ("kind", "interaction"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, _Wrong) as error:
        raise SettingsError(f"{path}: {error}") from error
    problems: list[str] = []
    made = _made(_kind, "kind", kinds, problems)
    types = _made(_type, "interaction", interactions, problems)
    problems += _repeated("kind", [kind.name for kind in made])
    problems += _repeated("interaction", [name for name, _ in types])
    if problems:
        raise SettingsError("\n".join(f"{path}: {problem}" for problem in problems))
    return Declarations(tuple(made), dict(types))


def _made(
    make: Callable[[Entry], Made], what: str, entries: Iterable[Entry], problems: list[str]
) -> list[Made]:
    """What can be made of the entries; of the others the problems."""
    made = []
    for number, entry in enumerate(entries, 1):
        try:
            made.append(make(entry))
        except _Wrong as wrong:
            problems.append(f"{what} {entry.get('name') or number}: {wrong}")
    return made


def _repeated(what: str, names: list[str]) -> list[str]:
    return [
        f"{what} {name}: is there twice" for name in sorted(set(names)) if names.count(name) > 1
    ]


# --- kinds ---------------------------------------------------------------------------------------


def _kind(entry: Entry) -> CustomKind:
    _know(entry, {"name", "fields", "finished", "listed", "archive_after_days"})
    name = entry.get("name")
    if not isinstance(name, str) or not KIND_NAME.fullmatch(name):
        raise _Wrong("name must be 1 to 32 characters of a-z, 0-9 and _, the first a letter")
    if name in KINDS:
        raise _Wrong("this kind is built in")
    parts = _parts(entry.get("fields"))
    days = entry.get("archive_after_days", DEFAULT_ARCHIVE_DAYS)
    if type(days) is not int or days < 1:
        raise _Wrong("archive_after_days must be a whole number from 1 on")
    return CustomKind(
        name,
        parts,
        finished=_conditions(entry, "finished", parts),
        listed=_conditions(entry, "listed", parts),
        archive_after_ms=days * DAY_MS,
    )


def _parts(fields: object) -> dict[str, Part]:
    if not isinstance(fields, dict) or not 0 < len(fields) <= CUSTOM_FIELDS_MOST:
        raise _Wrong(f"fields must name 1 to {CUSTOM_FIELDS_MOST} fields, each with its part")
    for name, part in fields.items():
        if not isinstance(part, str) or part not in PARTS:
            raise _Wrong(f"fields.{name}: {part!r} is none of the parts {', '.join(PARTS)}")
    return {name: PARTS[part] for name, part in fields.items()}


def _conditions(entry: Entry, name: str, parts: Mapping[str, Part]) -> tuple[Condition, ...]:
    given = entry.get(name, [])
    listed = given if isinstance(given, list) else [given]
    return tuple(_condition(each, name, parts) for each in listed)


def _condition(given: object, name: str, parts: Mapping[str, Part]) -> Condition:
    """A field and one of at_least, equals, present."""
    if not isinstance(given, dict) or str(given.get("field")) not in parts:
        raise _Wrong(f"{name}: a condition names one of the fields as field")
    wanted = given.keys() - {"field"}
    if len(wanted) != 1 or not wanted <= CONDITIONS.keys():
        raise _Wrong(f"{name}: a condition has one of {', '.join(CONDITIONS)}")
    (test,) = wanted
    if type(given[test]) not in CONDITIONS[test]:
        raise _Wrong(f"{name}: {test} cannot be {given[test]!r}")
    return Condition(**given)


CONDITIONS: Mapping[str, tuple[type, ...]] = {
    "at_least": (int,),
    "equals": (str, int, bool),
    "present": (bool,),
}


# --- interactions --------------------------------------------------------------------------------


def _type(entry: Entry) -> tuple[str, CustomType]:
    _know(entry, {"name", "roles", "purpose"})
    name, purpose = entry.get("name"), entry.get("purpose", CustomType().purpose)
    for what, value, rule in (
        ("name", name, FORMAT_CUSTOM_NAME),
        ("purpose", purpose, FORMAT_PURPOSE),
    ):
        wrong = CHECKS[rule](value) if isinstance(value, str) else "must be text"
        if wrong:
            raise _Wrong(f"{what} {wrong}")
    roles = entry.get("roles", ["service"])
    if not isinstance(roles, list) or not roles or not {*map(str, roles)} <= ROLES.keys():
        raise _Wrong(f"roles must be some of {', '.join(ROLES)}")
    return str(name), CustomType(frozenset(ROLES[role] for role in roles), str(purpose))


# --- tables --------------------------------------------------------------------------------------


def _tables(document: Entry, name: str) -> list[Entry]:
    listed = document.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise _Wrong(f"{name} must be tables, [[{name}]]")
    return listed


def _know(entry: Entry, known: Collection[str]) -> None:
    unknown = sorted(entry.keys() - set(known))
    if unknown:
        raise _Wrong(f"{', '.join(unknown)}: none of {', '.join(sorted(known))}")
