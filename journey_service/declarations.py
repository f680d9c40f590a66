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
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_SERVICE, ROLE_STAFF, Role
from journey.v1.rules_pb2 import FORMAT_CUSTOM_NAME, FORMAT_PURPOSE, Format
from journey_service.config import SettingsError
from journey_service.domain.catalogue import KINDS
from journey_service.domain.formats import CustomType, Declared, format_checks
from projections.journeys.custom import Condition, CustomKind, Part
from projections.thresholds import CUSTOM_FIELDS_MOST

Entry = Mapping[str, Any]
Made = TypeVar("Made", CustomKind, tuple[str, CustomType])
Seen = TypeVar("Seen")

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
    """What is wrong with one entry: at least one problem."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(slots=True)
class _Problems:
    """What was found wrong with one entry so far."""

    found: list[str] = field(default_factory=list)

    def of(self, look: Callable[[], Seen], instead: Seen) -> Seen:
        """What `look` finds; if it finds a mistake, that is kept, and `instead` taken."""
        try:
            return look()
        except _Wrong as wrong:
            self.found += wrong.problems
            return instead

    def tell(self) -> None:
        """Raises _Wrong with all of them, if there are any."""
        if self.found:
            raise _Wrong(*self.found)


def load_declarations(path: Path) -> Declarations:
    """The declarations of a file. Raises SettingsError with a line for each mistake."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    return declarations_in(text, str(path))


def declarations_in(text: str, source: str) -> Declarations:
    """The declarations of a text. Raises SettingsError with a line for each mistake."""
    try:
        document = tomllib.loads(text)
        _know(document, {"kind", "interaction"})
        kinds, interactions = (_tables(document, each) for each in ("kind", "interaction"))
    except (tomllib.TOMLDecodeError, _Wrong) as error:
        raise SettingsError(f"{source}: {error}") from error
    problems: list[str] = []
    made = _made(_kind, "kind", kinds, problems)
    types = _made(_type, "interaction", interactions, problems)
    problems += _repeated("kind", [kind.name for kind in made])
    problems += _repeated("interaction", [name for name, _ in types])
    if problems:
        raise SettingsError("\n".join(f"{source}: {problem}" for problem in problems))
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
            named = f"{what} {entry.get('name') or number}"
            problems += [f"{named}: {problem}" for problem in wrong.problems]
    return made


def _repeated(what: str, names: list[str]) -> list[str]:
    return [
        f"{what} {name}: is there twice" for name in sorted(set(names)) if names.count(name) > 1
    ]


# --- kinds ---------------------------------------------------------------------------------------


def _kind(entry: Entry) -> CustomKind:
    """The kind of an entry. Raises _Wrong with all that is wrong with it."""
    problems = _Problems()
    problems.of(
        lambda: _know(entry, {"name", "fields", "finished", "listed", "archive_after_days"}), None
    )
    kind = CustomKind(
        problems.of(lambda: _kind_name(entry.get("name")), ""),
        problems.of(lambda: _parts(entry.get("fields")), {}),
        finished=_conditions(entry, "finished", problems),
        listed=_conditions(entry, "listed", problems),
        archive_after_ms=problems.of(lambda: _days(entry), DEFAULT_ARCHIVE_DAYS) * DAY_MS,
    )
    problems.tell()
    return kind


def _kind_name(name: object) -> str:
    if not isinstance(name, str) or not KIND_NAME.fullmatch(name):
        raise _Wrong("name must be 1 to 32 characters of a-z, 0-9 and _, the first a letter")
    if name in KINDS:
        raise _Wrong("this kind is built in")
    return name


def _days(entry: Entry) -> int:
    days = entry.get("archive_after_days", DEFAULT_ARCHIVE_DAYS)
    if type(days) is not int or days < 1:
        raise _Wrong("archive_after_days must be a whole number from 1 on")
    return days


def _parts(fields: object) -> dict[str, Part]:
    if not isinstance(fields, dict) or not 0 < len(fields) <= CUSTOM_FIELDS_MOST:
        raise _Wrong(f"fields must name 1 to {CUSTOM_FIELDS_MOST} fields, each with its part")
    wrong = [
        f"fields.{name}: {part!r} is none of the parts {', '.join(PARTS)}"
        for name, part in fields.items()
        if not isinstance(part, str) or part not in PARTS
    ]
    if wrong:
        raise _Wrong(*wrong)
    return {name: PARTS[part] for name, part in fields.items()}


def _conditions(entry: Entry, name: str, problems: _Problems) -> tuple[Condition, ...]:
    given, fields = entry.get(name, []), entry.get("fields")
    # A field whose part is wrong is a field all the same, and its mistake is told already.
    known = fields.keys() if isinstance(fields, dict) else ()
    listed = given if isinstance(given, list) else [given]
    made = [problems.of(partial(_condition, each, name, known), None) for each in listed]
    return tuple(each for each in made if each is not None)


def _condition(given: object, name: str, parts: Collection[str]) -> Condition:
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
    """Name and type of an entry. Raises _Wrong with all that is wrong with it."""
    problems = _Problems()
    problems.of(lambda: _know(entry, {"name", "roles", "purpose"}), None)
    name = problems.of(lambda: _text("name", entry.get("name"), FORMAT_CUSTOM_NAME), "")
    told = entry.get("purpose", CustomType().purpose)
    purpose = problems.of(lambda: _text("purpose", told, FORMAT_PURPOSE), "")
    roles = problems.of(lambda: _roles(entry), frozenset[Role]())
    problems.tell()
    return name, CustomType(roles, purpose)


def _text(what: str, value: object, rule: Format) -> str:
    if not isinstance(value, str):
        raise _Wrong(f"{what} must be text")
    if wrong := CHECKS[rule](value):
        raise _Wrong(f"{what} {wrong}")
    return value


def _roles(entry: Entry) -> frozenset[Role]:
    roles = entry.get("roles", ["service"])
    if not isinstance(roles, list) or not roles or not {*map(str, roles)} <= ROLES.keys():
        raise _Wrong(f"roles must be some of {', '.join(ROLES)}")
    return frozenset(ROLES[role] for role in roles)


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
