"""In which fields two states differ: for people, for rebuilds that are compared, for replays.

Items of a list are compared with the item of the same name where their first field names them (a
line's `line_key`, a message's `no`, the journey of a series' member), else with the one at the same
place. So an item that is put in front does not make all behind it different.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeAlias

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from journey_service.domain.options import fields_of, map_value, shape_of

SHAPES_REMEMBERED = 512
_WIDE = frozenset({FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64})
# A message, or what json.dumps takes, of projections that publish JSON.
State: TypeAlias = Message | Mapping[str, Any]
# What an item of a list is called; None where the list must be compared by place.
Naming: TypeAlias = Callable[[Message], str]


class Change(NamedTuple):
    """A leaf field that differs. Values are JSON as protobuf writes it; empty = unset.

    `path` names it: `media.point_ms`, `cart.lines["tea"].quantity`, `moves[3].at_ms`. `field` is
    the same without subscripts, so that changes of one field can be counted: `cart.lines.quantity`.
    """

    path: str
    field: str
    before_json: str
    after_json: str


def differences(
    before: State | None, after: State | None, *, without: Container[str] = ()
) -> list[Change]:
    """The leaf fields in which two messages differ, in the order of their declaration.

    None = there is no such message: everything in the other one is different. `without` are the
    names of fields of the messages themselves that do not count. Lists of scalars are one leaf; a
    list whose named items changed places is one, too, with the names. Equal messages give no
    changes; others give some, unless they differ in fields that their type does not know. JSON
    objects are compared by their sorted keys, their lists by place.
    """
    found = _root(before, after)
    return [change for change in found if change.field.partition(".")[0] not in without]


def _root(before: Any, after: Any) -> Iterator[Change]:
    given = [each for each in (before, after) if each is not None]
    types = {each.DESCRIPTOR if isinstance(each, Message) else None for each in given}
    if len(types) > 1:
        return _of_two_types(before, after)
    find = _of_json if None in types else _between
    return find(_ROOT, before, after)


class _Place(NamedTuple):
    path: str
    field: str

    def member(self, name: str) -> _Place:
        return _Place(f"{self.path}.{name}".lstrip("."), f"{self.field}.{name}".lstrip("."))

    def item(self, name: int | str) -> _Place:
        return _Place(f"{self.path}[{_text(name)}]", self.field)

    def change(self, before_json: str, after_json: str) -> Change:
        return Change(self.path, self.field, before_json, after_json)


_ROOT = _Place("", "")


def _of_two_types(before: State | None, after: State | None) -> Iterator[Change]:
    """Fields of the same path are compared, whatever type they belong to."""
    found = {change.path: change for change in _root(before, None)}
    for change in _root(None, after):
        known = found.get(change.path, change)
        found[change.path] = known._replace(after_json=change.after_json)
    return (change for change in found.values() if change.before_json != change.after_json)


def _of_json(at: _Place, before: Any, after: Any) -> Iterator[Change]:
    """Of two values of JSON; None = there is none, as null is."""
    if before == after and type(before) is type(after):
        return
    for inner in (_members, _items):
        one, other = inner(at, before), inner(at, after)
        if (one or before is None) and (other or after is None) and (one or other):
            for place in {**one, **other}:
                yield from _of_json(place, one.get(place), other.get(place))
            return
    yield at.change(*("" if each is None else _text(each) for each in (before, after)))


def _members(at: _Place, value: Any) -> dict[_Place, Any]:
    if not isinstance(value, Mapping):
        return {}
    return {at.member(name): value[name] for name in sorted(value)}


def _items(at: _Place, value: Any) -> dict[_Place, Any]:
    if not isinstance(value, (list, tuple)):
        return {}
    return {at.item(place): each for place, each in enumerate(value)}


def _between(at: _Place, before: Message | None, after: Message | None) -> Iterator[Change]:
    """Of two messages of one type, one of which may be absent; nothing where they are equal."""
    some = before if before is not None else after
    if some is None or before == after:
        return
    inner = False
    for field in fields_of(some.DESCRIPTOR):
        for change in _of_field(at.member(field.name), field, before, after):
            inner = True
            yield change
    if not inner and (before is None or after is None):
        yield at.change(*("" if each is None else "{}" for each in (before, after)))


def _of_field(
    at: _Place, field: FieldDescriptor, before: Message | None, after: Message | None
) -> Iterator[Change]:
    one, other = (_value(field, message) for message in (before, after))
    values = map_value(field)
    if values is not None:
        yield from _of_items(at, values, _by_key(one), _by_key(other))
    elif field.name in _lists_of(field.containing_type) and field.message_type is not None:
        yield from _of_list(at, field, one or (), other or ())
    elif field.message_type is not None:
        yield from _between(at, one, other)
    else:
        yield from _of_leaves(at, field, one, other)


def _value(field: FieldDescriptor, message: Message | None) -> Any:
    """What a field holds; None where it is not set."""
    if message is None:
        return None
    if field.has_presence:
        return getattr(message, field.name) if message.HasField(field.name) else None
    # Without tracked presence empty means not set.
    return getattr(message, field.name) or None


def _of_leaves(at: _Place, field: FieldDescriptor, one: Any, other: Any) -> Iterator[Change]:
    before_json, after_json = _json(field, one), _json(field, other)
    if before_json != after_json:
        yield at.change(before_json, after_json)


# --- lists and maps ------------------------------------------------------------------------------


def _of_list(
    at: _Place, field: FieldDescriptor, one: Sequence[Message], other: Sequence[Message]
) -> Iterator[Change]:
    """Of two lists of messages: by the names of their items, else by their places."""
    naming = _naming_of(field.message_type, one, other)
    if naming is None:
        yield from _of_items(at, field, dict(enumerate(one)), dict(enumerate(other)))
        return
    before, after = ({naming(item): item for item in items} for items in (one, other))
    stayed = [
        [name for name in before if name in after],
        [name for name in after if name in before],
    ]
    if stayed[0] != stayed[1]:
        yield at.change(*(_text(names) for names in stayed))
    yield from _of_items(at, field, before, after)


def _of_items(
    at: _Place, field: FieldDescriptor, before: Mapping[Any, Any], after: Mapping[Any, Any]
) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        if field.message_type is None:
            yield from _of_leaves(at.item(name), field, one, other)
        else:
            yield from _between(at.item(name), one, other)


def _by_key(entries: Mapping[Any, Any] | None) -> dict[Any, Any]:
    """Entries of a map, sorted: their order is not the same in two processes."""
    return dict(sorted((entries or {}).items()))


def _naming_of(items: Any, one: Iterable[Message], other: Iterable[Message]) -> Naming | None:
    """What tells the items of both lists apart: their first field, or the whole of it."""
    for naming in _namings(items):
        names = [[naming(item) for item in items] for items in (one, other)]
        if all(len(set(each)) == len(each) and "" not in each for each in names):
            return naming
    return None


def _namings(items: Any) -> Iterator[Naming]:
    first = next(iter(fields_of(items)), None)
    if first is None or first.name.endswith("_ms") or first.name in _lists_of(items):
        return
    if first.message_type is None:
        yield partial(_name, field=first)
        return
    parts = [each for each in fields_of(first.message_type) if each.message_type is None]
    yield partial(_inner_name, first=first.name, parts=parts[:1])
    yield partial(_inner_name, first=first.name, parts=parts)


def _inner_name(message: Message, first: str, parts: Iterable[FieldDescriptor]) -> str:
    inner = getattr(message, first)
    return "/".join(name for part in parts if (name := _name(inner, part)))


def _name(message: Message, field: FieldDescriptor) -> str:
    """A field as a name; empty = unset."""
    value = _value(field, message)
    return value if isinstance(value, str) else _json(field, value).strip('"')


@lru_cache(SHAPES_REMEMBERED)
def _lists_of(message: Any) -> frozenset[str]:
    return shape_of(message).repeated


# --- JSON ----------------------------------------------------------------------------------------


def _json(field: FieldDescriptor, value: Any) -> str:
    """A leaf as protobuf writes it in JSON; empty for None."""
    if value is None:
        return ""
    if field.name in _lists_of(field.containing_type):
        return _text([_plain(field, each) for each in value])
    return _text(_plain(field, value))


def _plain(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return value if known is None else known.name
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if field.cpp_type in _WIDE or (isinstance(value, float) and not math.isfinite(value)):
        return str(value)
    return value


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
