"""Kinds and types in a filter that nobody here knows: most often typed wrong, and told as that."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from journey.v1.reading_pb2 import EventFilter
from journey_service.cli.output import Output
from journey_service.domain.catalogue import KINDS, TYPES_BY_NAME

if TYPE_CHECKING:
    from journey_service.settings import Settings

_PERHAPS = "unless the service has a package or a declaration that is not here, nothing matches"


def warn(wanted: EventFilter, settings: Settings) -> None:
    """Tell on standard error which kinds and types of the filter are not known here."""
    if not any(strange(wanted, (), ())):
        return
    # Loaded only where what is built in is not enough.
    from journey_service.bootstrap import declarations_of  # noqa: PLC0415

    declared = declarations_of(settings).declared()
    for line in strange(wanted, declared.custom_kinds, declared.custom_types):
        Output(as_json=True).note(line, style="yellow")


def strange(wanted: EventFilter, kinds: Collection[str], types: Collection[str]) -> Iterator[str]:
    """A line for each kind and type that is neither built in nor among those declared."""
    for kind in wanted.kinds:
        if kind not in KINDS and kind not in kinds:
            yield f"--kind {kind}: no such kind of journey is known here; {_PERHAPS}"
    names = (*TYPES_BY_NAME, *types)
    for pattern in wanted.types:
        if not any(_matches(name, pattern) for name in names):
            yield f"--type {pattern}: no such type of event is known here; {_PERHAPS}"


def _matches(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith(".*") else name == pattern
