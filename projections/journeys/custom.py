"""Custom kinds: fields that an app declares, each with one of the commutative parts.

A field of the JSON that is recorded is one of three:

    a value                      {"stage": "garden"}                     latest, conflicts, max
    a change of items            {"badges": {"add": ["a"], "remove": ["b"]}}    tags
    a change of a quantity       {"coins": {"add": 5}} or {"coins": {"set": 3}}  quantity

What is folded does not depend on the declaration: every form is kept in the part it is for, and the
declaration says which part of a field is published. So states are the same bytes everywhere, and
another declaration takes effect at once, also on what was recorded before it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeGuard

from journey.v1.folds_pb2 import CustomFieldFold, CustomFold, CustomItemFold, JourneyFold, Write
from journey.v1.journeys_pb2 import Journey
from journey_service.domain.formats import JsonRefused, json_object
from projections import thresholds
from projections.fold import (
    GREATEST_INT64,
    Order,
    add_quantity,
    add_tag,
    cancel,
    entry,
    join,
    join_quantity,
    join_tagged,
    keep_greatest,
    latest,
    order_of,
    quantity_of,
    replace_observed,
    set_quantity,
)
from projections.projection import Act, JourneyKind, activity_by_intent
from projections.published import as_text, is_text, losing, told_conflicts

LEAST_INT64 = -GREATEST_INT64 - 1
CHANGES = frozenset({"add", "remove", "set"})


class Part(Enum):
    """What is published of a declared field."""

    LATEST = "latest"
    LATEST_WITH_CONFLICTS = "latest_with_conflicts"
    MAX = "max"
    TAGS = "tags"
    QUANTITY = "quantity"


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of a declared field: one of the three that is not None."""

    field: str
    at_least: int | None = None
    equals: str | int | bool | None = None
    present: bool | None = None

    def holds(self, state: Mapping[str, Any]) -> bool:
        """Whether it holds of a published state; of a field that is not there only absence does."""
        value = state.get(self.field)
        if self.present is not None:
            return (self.field in state) is self.present
        if self.at_least is not None:
            return _is_number(value) and value >= self.at_least
        return type(value) is type(self.equals) and value == self.equals


@dataclass(frozen=True, slots=True)
class CustomKind:
    """A custom kind as it was declared. Of several conditions all must hold; of none nothing does.

    `archive_after_ms`: archived without activity for so long.
    """

    name: str
    parts: Mapping[str, Part]
    finished: tuple[Condition, ...] = ()
    listed: tuple[Condition, ...] = ()
    archive_after_ms: int = thresholds.ARCHIVE_AFTER_MS


# --- fold ----------------------------------------------------------------------------------------


def told(custom: CustomFold, act: Act) -> None:
    """Something happened that only this deployment knows; what is not understood is not kept."""
    for name, value in sorted(_document(act.body.json).items()):
        if not is_text(name):
            continue
        if isinstance(value, dict) and value and value.keys() <= CHANGES:
            _change(custom, name, value, act)
        else:
            _keep_value(_field(custom, name), value, act)


def _document(text: str) -> dict[str, Any]:
    try:
        return json_object(text)
    except JsonRefused:
        return {}


def _field(custom: CustomFold, name: str) -> CustomFieldFold:
    return entry(custom.fields, CustomFieldFold, "field", name)


def _keep_value(known: CustomFieldFold, value: object, act: Act) -> None:
    replace_observed(known.values, act.write(text=as_text(value)), act.marks)
    if _is_number(value):
        keep_greatest(known.greatest, act.write(number=value))


def _change(custom: CustomFold, name: str, change: dict[str, Any], act: Act) -> None:
    """Items first leave and then come; of a quantity a set goes before an add."""
    for item in _items(change.get("remove")):
        cancel(_item(_field(custom, name), item).adds, act.marks)
    for item in _items(change.get("add")):
        add_tag(_item(_field(custom, name), item).adds, act.write())
    chosen, more = change.get("set"), change.get("add")
    if _is_number(chosen):
        set_quantity(_field(custom, name).quantity, act.write(number=chosen), act.marks)
    elif _is_number(more):
        add_quantity(_field(custom, name).quantity, act.write(number=more))


def _item(known: CustomFieldFold, item: str) -> CustomItemFold:
    return entry(known.items, CustomItemFold, "item", item)


def _items(value: object) -> Iterator[str]:
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, str) and is_text(each))


def _is_number(value: object) -> TypeGuard[int]:
    """A whole number that can be stored; true and false are none."""
    return type(value) is int and LEAST_INT64 <= value <= GREATEST_INT64


def merge(mine: CustomFold, theirs: CustomFold) -> None:
    """Join the second state into the first."""
    for other in theirs.fields:
        known = _field(mine, other.field)
        join_tagged(known.values, other.values)
        join(keep_greatest, known, other, "greatest")
        join_quantity(known.quantity, other.quantity)
        for item in other.items:
            join_tagged(_item(known, item.item).adds, item.adds)


# --- published state -----------------------------------------------------------------------------


def publisher(kind: CustomKind) -> Callable[[JourneyFold, Journey], Order | None]:
    """What fills `journey.custom`, `finished` and `conflicts` by a declaration."""

    def publish(fold: JourneyFold, journey: Journey) -> Order | None:
        fields = {each.field: each for each in fold.custom.fields}
        state: dict[str, Any] = {}
        losers: list[tuple[str, str, Write]] = []
        for name in sorted(kind.parts.keys() & fields.keys()):
            state |= _published(name, fields[name], kind.parts[name])
            if kind.parts[name] is Part.LATEST_WITH_CONFLICTS:
                losers += [(name, each.text, each) for each in losing(fields[name].values)]
        journey.custom.json = as_text(state)
        journey.finished = _all_hold(kind.finished, state)
        journey.conflicts.extend(told_conflicts(losers))
        return activity_by_intent(fold)

    return publish


def _published(name: str, known: CustomFieldFold, part: Part) -> dict[str, Any]:
    """The value of a field; nothing where nothing was written in the form of its part."""
    match part:
        case Part.MAX if known.HasField("greatest"):
            return {name: known.greatest.number}
        case Part.TAGS if known.items:
            return {name: _newest_items(known)}
        case Part.QUANTITY if known.HasField("quantity"):
            return {name: quantity_of(known.quantity)}
        case Part.LATEST | Part.LATEST_WITH_CONFLICTS:
            chosen = latest(known.values.tags)
            return {} if chosen is None else {name: json.loads(chosen.text)}
        case _:
            return {}


def _newest_items(known: CustomFieldFold) -> list[str]:
    items = [item for item in known.items if item.adds.tags]
    items.sort(key=lambda item: max(map(order_of, item.adds.tags)), reverse=True)
    shown, left = [], thresholds.CUSTOM_FIELD_BYTES
    for item in items[: thresholds.ENTRIES_MOST]:
        left -= item.ByteSize()
        if left < 0:
            break
        shown.append(item.item)
    return sorted(shown)


def _all_hold(conditions: tuple[Condition, ...], state: Mapping[str, Any]) -> bool:
    return bool(conditions) and all(condition.holds(state) for condition in conditions)


def custom_kind(kind: CustomKind) -> JourneyKind[CustomFold]:
    """The journey kind of a declaration."""
    return JourneyKind(
        name=kind.name,
        state="custom",
        folds={"custom": told},
        merge=merge,
        publish=publisher(kind),
        listed=lambda journey: _all_hold(kind.listed, json.loads(journey.custom.json or "{}")),
        archive_after_ms=lambda _: kind.archive_after_ms,
    )


# Folds what was recorded of kinds that are declared no longer; nothing is published of it.
UNDECLARED = custom_kind(CustomKind(name="custom", parts={}))
