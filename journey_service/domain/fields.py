"""Checks of messages, compiled once per message type from the options of its proto.

A check takes a value and gives the problems found in it: pairs of a path behind the value (".name",
"[2].name", or "" for itself) and the rule that is broken. What is right costs one look at the
fields that are set.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from journey.v1 import rules_pb2 as rules
from journey.v1.interactions_pb2 import Interaction
from journey.v1.rules_pb2 import FieldRules
from journey_service.domain.formats import (
    Declared,
    FormatCheck,
    broken_id,
    format_checks,
    number_between,
    text_up_to,
)
from journey_service.domain.options import (
    field_rules,
    fields_of,
    interaction_rules,
    is_required,
    map_value,
    repeated_fields,
    requires_one,
)

Problem: TypeAlias = tuple[str, str]
Problems: TypeAlias = Sequence[Problem]
Check: TypeAlias = Callable[[Any], Problems]
# A rule over several fields of one message type.
Consistency: TypeAlias = Callable[[Any], Problems]

REQUIRED = "is required"
DEFAULT_MAX_ITEMS = 100
# Lists of calls that have no rule of their own.
MAX_LISTED = 1_000
MAX_QUANTITY = 1_000_000

# Rules of messages whose protos cannot carry them, because rules.proto imports theirs.
_UNWRITTEN: Mapping[tuple[str, str], FieldRules] = {
    ("journey.v1.JourneyRef", "kind"): FieldRules(format=rules.FORMAT_KIND),
    ("journey.v1.JourneyRef", "journey_id"): FieldRules(id=True),
    ("journey.v1.ClientClock", "boot_id"): FieldRules(max_chars=64),
}
_QUANTITIES: Mapping[rules.QuantityRule, tuple[int, int]] = {
    rules.QUANTITY_RULE_COUNT: (1, MAX_QUANTITY),
    rules.QUANTITY_RULE_ABSOLUTE: (0, MAX_QUANTITY),
    rules.QUANTITY_RULE_DELTA: (-MAX_QUANTITY, MAX_QUANTITY),
}
_RIGHT: Problems = ()


class FieldChecks:
    """The checks of all message types, for one deployment."""

    def __init__(self, declared: Declared, consistency: Mapping[str, Consistency]) -> None:
        """`consistency` holds the rules over several fields, by full name of the message."""
        self._formats = format_checks(declared)
        self._consistency = consistency
        self._checks: dict[str, Check] = {}

    def of(self, message: Any) -> Check:
        """The check of a message type, by its descriptor."""
        name = message.full_name
        if name not in self._checks:
            self._checks[name] = self._compile(message)
        return self._checks[name]

    def _compile(self, message: Descriptor) -> Check:
        lists = repeated_fields(message)
        fields = {
            field: self._field(field, repeated=field.name in lists) for field in fields_of(message)
        }
        # A scalar's check gives its rule, any other a list of problems: most fields are scalars.
        scalars = {field: found for field, (found, _) in fields.items() if found is not None}
        others = {field: found for field, (_, found) in fields.items() if found is not None}
        required = frozenset(field for field in fields if is_required(field))
        whole = self._whole(message)

        def check(value: Message) -> Problems:
            problems: list[Problem] = []
            present = value.ListFields()
            for field, content in present:
                if field in scalars:
                    if rule := scalars[field](content):
                        problems.append((f".{field.name}", rule))
                elif field in others:
                    for path, rule in others[field](content):
                        problems.append((f".{field.name}{path}", rule))
            if required:
                missing = required.difference([field for field, _ in present])
                problems += [(f".{field.name}", REQUIRED) for field in sorted(missing, key=_number)]
            for rule_of_whole in whole:
                problems += rule_of_whole(value)
            return problems

        return check

    def _whole(self, message: Descriptor) -> list[Consistency]:
        """The rules that concern more than one field."""
        whole: list[Consistency] = [
            _one_of(oneof.name, [member.name for member in oneof.fields])
            for oneof in message.oneofs
            if requires_one(oneof)
        ]
        paths = interaction_rules(message).at_least_one_of
        if paths:
            whole.append(_at_least_one(paths))
        if message.full_name in self._consistency:
            whole.append(self._consistency[message.full_name])
        return whole

    def _field(
        self, field: FieldDescriptor, *, repeated: bool
    ) -> tuple[FormatCheck | None, Check | None]:
        """The check of one field, of a scalar or of anything else; neither if all is right."""
        owner: Any = field.containing_type
        own = field_rules(field) or _UNWRITTEN.get((owner.full_name, field.name))
        found = own or FieldRules()
        value = map_value(field)
        if value is not None:
            return None, _map_check(found, self._value(value, found))
        if field.message_type is Interaction.DESCRIPTOR:
            # Interactions are checked one by one: a bad one must not refuse the call.
            return None, None
        if repeated:
            from_catalogue = owner.file is Interaction.DESCRIPTOR.file
            unsaid = DEFAULT_MAX_ITEMS if own or from_catalogue else MAX_LISTED
            return None, _list_check(found.max_items or unsaid, self._value(field, found))
        if field.message_type is not None:
            return None, self._value(field, found)
        checks = self._scalar(found)
        # Several rules of one field are told one by one.
        return (checks[0], None) if len(checks) == 1 else (None, _all_of(checks))

    def _value(self, field: FieldDescriptor, found: FieldRules) -> Check:
        """The check of a single value of the field."""
        if field.message_type is None:
            return _all_of(self._scalar(found)) or _always_right
        inner = self.of(field.message_type)
        return _line_check(inner, found.quantity) if found.quantity else inner

    def _scalar(self, found: FieldRules) -> list[FormatCheck]:
        checks: list[FormatCheck] = []
        if found.id:
            checks.append(broken_id)
        if found.max_chars:
            checks.append(text_up_to(found.max_chars))
        if found.max_bytes:
            checks.append(_at_most_bytes(found.max_bytes))
        if found.HasField("min") or found.HasField("max"):
            least = found.min if found.HasField("min") else None
            greatest = found.max if found.HasField("max") else None
            checks.append(number_between(least, greatest))
        if found.format:
            checks.append(self._formats[found.format])
        if found.pattern:
            checks.append(_matching(found.pattern))
        return checks


def _number(field: FieldDescriptor) -> int:
    return field.number


def _all_of(checks: list[FormatCheck]) -> Check | None:
    if not checks:
        return None

    def check(value: Any) -> Problems:
        return [("", rule) for broken in checks if (rule := broken(value))]

    return check


def _at_most_bytes(max_bytes: int) -> FormatCheck:
    def broken(value: str | bytes) -> str:
        size = len(value.encode() if isinstance(value, str) else value)
        return f"must have at most {max_bytes:,} bytes; has {size:,}" if size > max_bytes else ""

    return broken


def _matching(pattern: str) -> FormatCheck:
    whole = re.compile(pattern, re.ASCII)

    def broken(value: str) -> str:
        return "" if whole.fullmatch(value) else f"must match {pattern}"

    return broken


def _always_right(_: Any) -> Problems:
    return _RIGHT


def _list_check(max_items: int, of_value: Check) -> Check:
    def check(values: Sequence[Any]) -> Problems:
        if len(values) > max_items:
            return (("", f"must have at most {max_items:,} entries; has {len(values):,}"),)
        return [
            (f"[{at}]{path}", rule)
            for at, value in enumerate(values)
            for path, rule in of_value(value)
        ]

    return check


def _map_check(found: FieldRules, of_value: Check) -> Check:
    max_items = found.max_items or DEFAULT_MAX_ITEMS

    def check(values: Mapping[str, Any]) -> Problems:
        if len(values) > max_items:
            return (("", f"must have at most {max_items:,} entries; has {len(values):,}"),)
        problems: list[Problem] = []
        for key in sorted(values):
            if rule := _broken_key(key, found.key_max_chars):
                problems.append(("", rule))
            else:
                problems += [(f"[{key}]{path}", rule) for path, rule in of_value(values[key])]
        return problems

    return check


def _broken_key(key: str, max_chars: int) -> str:
    if not 0 < len(key) <= max_chars:
        return f"must have keys of 1 to {max_chars} characters; has one of {len(key):,}"
    return "" if key.isprintable() else "must have keys without control characters"


def _line_check(inner: Check, quantity: rules.QuantityRule) -> Check:
    broken = number_between(*_QUANTITIES[quantity])
    is_delta = quantity == rules.QUANTITY_RULE_DELTA

    def check(line: Any) -> Problems:
        rule = broken(line.quantity)
        if is_delta and not line.quantity:
            rule = "must not be 0"
        return [*inner(line), (".quantity", rule)] if rule else inner(line)

    return check


def _one_of(name: str, members: Sequence[str]) -> Consistency:
    rule = f"needs one of {', '.join(members)}"

    def check(value: Message) -> Problems:
        return _RIGHT if value.WhichOneof(name) else ((f".{name}", rule),)

    return check


def _at_least_one(paths: Sequence[str]) -> Consistency:
    rule = f"needs at least one of {', '.join(paths)}"

    def check(value: Any) -> Problems:
        return _RIGHT if any(_is_set(value, path.split(".")) for path in paths) else (("", rule),)

    return check


def _is_set(value: Any, names: Sequence[str]) -> bool:
    for name in names:
        value = getattr(value, name)
    return bool(value)
