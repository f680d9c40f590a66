"""Checks of messages, compiled once per message type from the options of its proto.

A check takes a value and says what is wrong with it: nothing, the rule that it breaks, or problems
below it, which are pairs of a path behind the value (".name", "[2].name") and a rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

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
    requires_one,
    shape_of,
)

Problem: TypeAlias = tuple[str, str]
Problems: TypeAlias = Sequence[Problem]
Check: TypeAlias = Callable[[Any], str | Problems]
MessageCheck: TypeAlias = Callable[[Any], Problems]

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


class _Field(NamedTuple):
    """What holds for one field; `check` is None where every value is right, `unset` is said of a
    required one that is empty."""

    name: str
    required: bool
    check: Check | None
    unset: str = REQUIRED


class FieldChecks:
    """The checks of all message types, for one deployment."""

    def __init__(self, declared: Declared, consistency: Mapping[str, MessageCheck]) -> None:
        """`consistency` holds the rules over several fields, by full name of the message."""
        self._formats = format_checks(declared)
        self._consistency = consistency
        self._checks: dict[str, MessageCheck] = {}

    def of(self, message: Any) -> MessageCheck:
        """The check of a message type, by its descriptor."""
        name = message.full_name
        if name not in self._checks:
            self._checks[name] = self._compile(message)
        return self._checks[name]

    def _compile(self, message: Descriptor) -> MessageCheck:
        """Fields are looked at in three ways, and then the message as a whole."""
        shape = shape_of(message)
        fields = {
            field.name: self._field(field, repeated=field.name in shape.repeated)
            for field in fields_of(message)
        }
        steps = [
            _plain_check(_with_rules([fields[name] for name in shape.plain])),
            _tracked_check(_with_rules([fields[name] for name in shape.tracked])),
        ]
        for oneof, members in shape.oneofs.items():
            steps.append(_oneof_check(oneof, _with_rules([fields[name] for name in members])))
        return _all_of([step for step in steps if step is not None] + self._whole(message))

    def _whole(self, message: Descriptor) -> list[MessageCheck]:
        """The rules that concern more than one field."""
        whole = [
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

    def _field(self, field: FieldDescriptor, *, repeated: bool) -> _Field:
        owner: Any = field.containing_type
        own = field_rules(field) or _UNWRITTEN.get((owner.full_name, field.name))
        found = own or FieldRules()
        value = map_value(field)
        check: Check | None
        if value is not None:
            check = _map_check(found, self._value(value, found) or _always_right)
        elif field.message_type is Interaction.DESCRIPTOR:
            # Interactions are checked one by one: a bad one must not refuse the call.
            check = None
        elif repeated:
            from_catalogue = owner.file is Interaction.DESCRIPTOR.file
            unsaid = DEFAULT_MAX_ITEMS if own or from_catalogue else MAX_LISTED
            of_value = self._value(field, found) or _always_right
            check = _list_check(found.max_items or unsaid, of_value)
        else:
            check = self._value(field, found)
        # A number that is 0 was perhaps sent so: no field tells.
        unset = f"{REQUIRED}, at least {found.min:,}" if found.min > 0 else REQUIRED
        return _Field(field.name, is_required(field), check, unset)

    def _value(self, field: FieldDescriptor, found: FieldRules) -> Check | None:
        """The check of a single value of the field."""
        if field.message_type is not None:
            inner = self.of(field.message_type)
            return _line_check(inner, found.quantity) if found.quantity else inner
        checks = self._scalar(found)
        if len(checks) > 1:
            return lambda value: [("", rule) for check in checks if (rule := check(value))]
        return checks[0] if checks else None

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


def _always_right(_: Any) -> Problems:
    return ()


def _below(path: str, broken: str | Problems) -> Problems:
    """Problems of a value as problems of what holds it."""
    if isinstance(broken, str):
        return ((path, broken),)
    return [(path + further, rule) for further, rule in broken]


def _with_rules(fields: Sequence[_Field]) -> list[_Field]:
    return [found for found in fields if found.required or found.check is not None]


def _all_of(steps: Sequence[MessageCheck]) -> MessageCheck:
    if len(steps) == 1:
        return steps[0]

    def check(value: Message) -> Problems:
        problems: list[Problem] = []
        for step in steps:
            problems += step(value)
        return problems

    return check


def _plain_check(fields: Sequence[_Field]) -> MessageCheck | None:
    """The check of fields without tracked presence: one that is empty is not set."""
    if not fields:
        return None
    # All at once costs a third; attrgetter gives a single one bare, so the first is got twice.
    contents = attrgetter(fields[0].name, *(found.name for found in fields))
    of_contents = [_Field("", required=False, check=None), *fields]

    def check(value: Message) -> Problems:
        problems: list[Problem] = []
        for content, of_content in zip(contents(value), of_contents, strict=True):
            name, required, of_field, unset = of_content
            if content:
                if of_field is not None and (broken := of_field(content)):
                    problems += _below(f".{name}", broken)
            elif required:
                problems.append((f".{name}", unset))
        return problems

    return check


def _tracked_check(fields: Sequence[_Field]) -> MessageCheck | None:
    """The check of messages and optional scalars."""
    if not fields:
        return None

    def check(value: Message) -> Problems:
        problems: list[Problem] = []
        for name, required, of_field, unset in fields:
            if value.HasField(name):
                if of_field is not None and (broken := of_field(getattr(value, name))):
                    problems += _below(f".{name}", broken)
            elif required:
                problems.append((f".{name}", unset))
        return problems

    return check


def _oneof_check(oneof: str, members: Sequence[_Field]) -> MessageCheck | None:
    """The check of the member that is set."""
    checks = {found.name: found.check for found in members}
    if not checks:
        return None

    def check(value: Message) -> Problems:
        chosen = value.WhichOneof(oneof)
        of_member = checks.get(chosen) if chosen is not None else None
        broken = of_member(getattr(value, chosen)) if of_member is not None else ()
        return _below(f".{chosen}", broken) if broken else ()

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


def _list_check(max_items: int, of_value: Check) -> Check:
    def check(values: Sequence[Any]) -> Problems:
        if len(values) > max_items:
            return (("", f"must have at most {max_items:,} entries; has {len(values):,}"),)
        return [
            problem
            for at, value in enumerate(values)
            if (broken := of_value(value))
            for problem in _below(f"[{at}]", broken)
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
            elif broken := of_value(values[key]):
                problems += _below(f"[{key}]", broken)
        return problems

    return check


def _broken_key(key: str, max_chars: int) -> str:
    if not 0 < len(key) <= max_chars:
        return f"must have keys of 1 to {max_chars} characters; has one of {len(key):,}"
    return "" if key.isprintable() else "must have keys without control characters"


def _line_check(inner: MessageCheck, quantity: rules.QuantityRule) -> Check:
    broken = number_between(*_QUANTITIES[quantity])
    is_delta = quantity == rules.QUANTITY_RULE_DELTA

    def check(line: Any) -> Problems:
        rule = broken(line.quantity)
        if is_delta and not line.quantity:
            rule = "must not be 0"
        problems = inner(line)
        return [*problems, (".quantity", rule)] if rule else problems

    return check


def _one_of(name: str, members: Sequence[str]) -> MessageCheck:
    rule = f"needs one of {', '.join(members)}"

    def check(value: Message) -> Problems:
        return () if value.WhichOneof(name) else ((f".{name}", rule),)

    return check


def _at_least_one(paths: Sequence[str]) -> MessageCheck:
    rule = f"needs at least one of {', '.join(paths)}"

    def check(value: Any) -> Problems:
        return () if any(_is_set(value, path.split(".")) for path in paths) else (("", rule),)

    return check


def _is_set(value: Any, names: Sequence[str]) -> bool:
    for name in names:
        value = getattr(value, name)
    return bool(value)
