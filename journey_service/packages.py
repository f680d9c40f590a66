"""Packages beside the service that add views, kinds of journeys and interactions to it.

They are found by their entry points when the service starts. One that is broken keeps it from
starting, because what it would not fold is missing in no place that anybody looks at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import projections
from journey.v1.events_pb2 import Event
from journey_service.config import SettingsError
from journey_service.declarations import Declarations, declarations_in
from projections.additions import GROUP, Additions
from projections.view import Catalogue, DerivedView, StoredView, View

VIEW_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Packages:
    """What all packages add together."""

    views: tuple[View, ...] = ()
    declarations: Declarations = field(default_factory=Declarations)

    def catalogue(self) -> Catalogue:
        """The service's views and theirs. Raises SettingsError for a name twice."""
        try:
            return Catalogue(projections.VIEWS, own=self.views)
        except ValueError as error:
            raise SettingsError(f"{GROUP}: {error}") from error


def load_packages() -> Packages:
    """What the installed packages add, by the names of their entry points.

    Raises SettingsError, which names the package and says what is wrong with it.
    """
    views: list[View] = []
    declared = Declarations()
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        added = _loaded(entry)
        views += _checked(entry, added.views)
        told = declarations_in(added.declarations, _name(entry)) if added.declarations else None
        declared = declared if told is None else both(declared, told, _name(entry))
    return Packages(tuple(views), declared)


def both(mine: Declarations, theirs: Declarations, source: str) -> Declarations:
    """Declarations of two sources together. Raises SettingsError for a name in both."""
    names = {kind.name for kind in mine.kinds}
    twice = sorted(
        {kind.name for kind in theirs.kinds if kind.name in names}
        | (mine.types.keys() & theirs.types.keys())
    )
    if twice:
        raise SettingsError(f"{source}: {', '.join(twice)}: declared elsewhere, too")
    return Declarations((*mine.kinds, *theirs.kinds), {**mine.types, **theirs.types})


def _loaded(entry: EntryPoint) -> Additions:
    try:
        loaded = entry.load()
    except Exception as error:
        raise SettingsError(
            f"{_name(entry)}: cannot be loaded: {type(error).__name__}: {error}. Mend the package, "
            "or uninstall it."
        ) from error
    if not isinstance(loaded, Additions):
        raise SettingsError(
            f"{_name(entry)}: is a {type(loaded).__name__}, and must be projections.additions."
            "Additions"
        )
    return loaded


def _checked(entry: EntryPoint, views: Iterable[View]) -> list[View]:
    """The views, if they can be served. Raises SettingsError with all that is wrong."""
    found = list(views)
    wrong = [problem for view in found for problem in _problems(view)]
    if wrong:
        raise SettingsError("\n".join(f"{_name(entry)}: {problem}" for problem in wrong))
    return found


def _problems(view: Any) -> Iterator[str]:
    if not isinstance(view, StoredView | DerivedView):
        yield f"{view!r} is no StoredView and no DerivedView"
        return
    if not VIEW_NAME.fullmatch(view.name):
        yield f"view {view.name!r}: names are 1 to 64 of a-z, 0-9, _ and -, the first a letter"
    if view.version < 1:
        yield f"view {view.name}: version must be a whole number from 1 on"
    if isinstance(view, StoredView):
        try:
            view.projection.keys_of(Event())
        except Exception as error:  # noqa: BLE001  whatever the package does wrong
            yield (
                f"view {view.name}: keys_of raises {type(error).__name__} for an event that "
                f"does not concern it: {error}"
            )


def _name(entry: EntryPoint) -> str:
    package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "a package"
    return f"{package}, {entry.value} ({GROUP})"
