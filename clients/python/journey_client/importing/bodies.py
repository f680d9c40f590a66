"""From a table of a mapping to messages: fields are found, and literals checked, before any row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from google.api import field_behavior_pb2 as behaviours
from google.api.field_behavior_pb2 import FieldBehavior
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from journey.v1 import rules_pb2 as rules
from journey_client.importing.templates import Row, RowError, Template

Convert = Callable[[str], Any]
Fill = Callable[[Any, Row], None]
_INTEGERS = {
    FieldDescriptor.TYPE_INT32,
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_UINT32,
    FieldDescriptor.TYPE_UINT64,
}
_TRUE = frozenset({"true", "yes", "1"})
_FALSE = frozenset({"false", "no", "0", ""})
_NANOS = 10**9
# Written in mappings instead of units and nanos: a decimal number such as 24.99.
_AMOUNT = "amount"


@dataclass(slots=True)
class Body:
    """A message with what is the same for all rows, and how the rest is filled from one.

    `columns` are needed by it; `problems` say what is wrong with the table it was made from.
    """

    fixed: Message
    fills: list[Fill] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def make(self, row: Row) -> Message:
        """The message of a row. Raises RowError naming the field."""
        made = type(self.fixed)()
        made.CopyFrom(self.fixed)
        for fill in self.fills:
            fill(made, row)
        return made


def body_of(message: type[Message], table: Mapping[str, Any], path: str = "body") -> Body:
    """What a table says about a message, with everything that is wrong in `problems`."""
    body = Body(message())
    _read_table(body, message.DESCRIPTOR, table, path, ())
    return body


def _read_table(
    body: Body, descriptor: Any, table: Mapping[str, Any], path: str, way: tuple[str, ...]
) -> None:
    """Take the fields of one table, at `way` below the body."""
    given = dict(table)
    if descriptor.full_name == "journey.v1.Money" and _AMOUNT in given:
        _read_amount(body, given.pop(_AMOUNT), f"{path}.{_AMOUNT}", way)
    for name, value in given.items():
        found = descriptor.fields_by_name.get(name)
        if found is None:
            known = ", ".join(each.name for each in descriptor.fields)
            body.problems.append(f"{path}.{name}: {descriptor.name} has {known}")
        else:
            _read_value(body, found, value, f"{path}.{name}", way)
    for missing in _missing(descriptor, table):
        body.problems.append(f"{path}.{missing}: required")


def _read_value(body: Body, found: Any, value: Any, path: str, way: tuple[str, ...]) -> None:
    if found.message_type is not None and found.message_type.GetOptions().map_entry:
        _read_map(body, found, value, path, way)
    elif found.is_repeated:
        _read_list(body, found, value, path, way)
    elif found.message_type is not None:
        if not isinstance(value, Mapping):
            body.problems.append(f"{path}: a table of {found.message_type.name}")
            return
        getattr(_at(body.fixed, way), found.name).SetInParent()
        _read_table(body, found.message_type, value, path, (*way, found.name))
    else:
        _read_scalar(body, value, _converter(found), path, way, _setter(found.name))


def _read_list(body: Body, found: Any, value: Any, path: str, way: tuple[str, ...]) -> None:
    if not isinstance(value, Sequence) or isinstance(value, str):
        body.problems.append(f"{path}: a list")
        return
    for index, each in enumerate(value):
        place = f"{path}[{index}]"
        if found.message_type is None:
            _read_scalar(body, each, _converter(found), place, way, _adder(found.name))
        elif isinstance(each, Mapping):
            inner = body_of(GetMessageClass(found.message_type), each, place)
            _take_inner(body, inner, found.name, way)
        else:
            body.problems.append(f"{place}: a table of {found.message_type.name}")


def _take_inner(body: Body, inner: Body, name: str, way: tuple[str, ...]) -> None:
    body.columns |= inner.columns
    body.problems += inner.problems
    body.fills.append(lambda made, row: getattr(_at(made, way), name).append(inner.make(row)))


def _read_map(body: Body, found: Any, value: Any, path: str, way: tuple[str, ...]) -> None:
    if not isinstance(value, Mapping):
        body.problems.append(f"{path}: a table")
        return
    convert = _converter(found.message_type.fields_by_name["value"])
    for key, each in value.items():
        _read_scalar(body, each, convert, f"{path}.{key}", way, _entry(found.name, key))


def _read_scalar(
    body: Body,
    value: Any,
    convert: Convert,
    path: str,
    way: tuple[str, ...],
    put: Callable[[Any, Any], None],
) -> None:
    """A literal is put into the fixed part, text with columns is filled from rows."""
    try:
        template = Template.parse(_text(value))
        if not template.columns:
            put(_at(body.fixed, way), convert(template.fill({})))
            return
    except (ValueError, TypeError) as error:
        body.problems.append(f"{path}: {error}")
        return
    body.columns |= template.columns

    def fill(made: Any, row: Row) -> None:
        text = template.fill(row)
        if not text:
            return
        try:
            put(_at(made, way), convert(text))
        except (ValueError, TypeError) as error:
            raise RowError(f"{path}: {error}") from error

    body.fills.append(fill)


def _read_amount(body: Body, value: Any, path: str, way: tuple[str, ...]) -> None:
    def put(money: Any, amount: Decimal) -> None:
        money.units = int(amount)
        money.nanos = int((amount - int(amount)) * _NANOS)

    _read_scalar(body, value, _decimal, path, way, put)


def _missing(descriptor: Any, table: Mapping[str, Any]) -> Iterator[str]:
    """Names of required fields and of oneofs of which nothing is given."""
    amount_given = descriptor.full_name == "journey.v1.Money" and _AMOUNT in table
    for found in descriptor.fields:
        required = (
            FieldBehavior.REQUIRED in found.GetOptions().Extensions[behaviours.field_behavior]
        )
        if required and found.name not in table and not amount_given:
            yield found.name
    for oneof in descriptor.oneofs:
        members = [each.name for each in oneof.fields]
        if oneof.GetOptions().Extensions[rules.required_one] and not table.keys() & set(members):
            yield " or ".join(members)


def _converter(found: Any) -> Convert:
    """How text becomes a value of the field."""
    if found.enum_type is not None:
        return lambda text: _enum_value(found.enum_type, text)
    if found.type in _INTEGERS:
        return _integer
    if found.type == FieldDescriptor.TYPE_BOOL:
        return _truth
    return str


def _enum_value(enum: Any, text: str) -> int:
    """The number of a name, with or without what all names of the enum begin with."""
    names = {value.name: value.number for value in enum.values}
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    wanted = text.upper()
    for name in (wanted, prefix + wanted):
        if name in names:
            return int(names[name])
    known = ", ".join(name.removeprefix(prefix) for name in list(names)[1:])
    raise ValueError(f"{text!r} is none of {known}")


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text!r} is no whole number") from None


def _truth(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError(f"{text!r} is neither true nor false")


def _decimal(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is no amount") from None
    if not amount.is_finite() or amount * _NANOS != int(amount * _NANOS):
        raise ValueError(f"{text!r} has more than nine decimals")
    return amount


def _text(value: Any) -> str:
    """A TOML value as text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | str):
        return str(value)
    raise TypeError(f"text, a whole number or true/false, not {type(value).__name__}")


def _at(message: Any, way: tuple[str, ...]) -> Any:
    for name in way:
        message = getattr(message, name)
    return message


def _setter(name: str) -> Callable[[Any, Any], None]:
    return lambda message, value: setattr(message, name, value)


def _adder(name: str) -> Callable[[Any, Any], None]:
    return lambda message, value: getattr(message, name).append(value)


def _entry(name: str, key: str) -> Callable[[Any, Any], None]:
    return lambda message, value: getattr(message, name).__setitem__(key, value)
