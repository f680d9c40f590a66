"""Visits to the few fields of a message that matter, compiled once per message type."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from journey.v1.interactions_pb2 import Interaction
from journey.v1.rules_pb2 import FORMAT_URL
from journey_service.domain.options import (
    field_rules,
    fields_of,
    is_output_only,
    map_value,
    shape_of,
)

# Does something with a field that is set, given its message and its value; whether it mattered.
Visit: TypeAlias = Callable[[Message, Any], bool]
# The visit to be paid to a field, if any.
Choice: TypeAlias = Callable[[FieldDescriptor], Visit | None]
Walk: TypeAlias = Callable[[Message], bool]


def walk(message: Any, choice: Choice) -> Walk | None:
    """What visits all chosen fields of a message type and below; None where there are none.

    `message` is its descriptor. The walk says whether any visit mattered.
    """
    lists = shape_of(message).repeated
    visits = {
        field: visit
        for field in fields_of(message)
        if (visit := choice(field) or _inner(field, choice, repeated=field.name in lists))
    }
    if not visits:
        return None

    def visit_all(value: Message) -> bool:
        mattered = False
        for field, content in value.ListFields():
            if field in visits and visits[field](value, content):
                mattered = True
        return mattered

    return visit_all


def _inner(field: FieldDescriptor, choice: Choice, *, repeated: bool) -> Visit | None:
    """The visit to the messages that a field holds; interactions of a call are not walked."""
    holder = map_value(field) or field
    if holder.message_type is None or holder.message_type is Interaction.DESCRIPTOR:
        return None
    visit_one = walk(holder.message_type, choice)
    if visit_one is None:
        return None

    def visit(_: Message, content: Any) -> bool:
        values: Iterable[Message] = [content]
        if holder is not field:
            values = content.values()
        elif repeated:
            values = content
        # Every one is visited, whether or not an earlier one mattered.
        return sum(visit_one(value) for value in values) > 0

    return visit


def personal(field: FieldDescriptor) -> Visit | None:
    """Choice: fields that hold personal data."""
    rules = field_rules(field)
    return (lambda _message, _value: True) if rules is not None and rules.personal else None


def arrival(cut_url: Callable[[str], str]) -> Choice:
    """Choice: what is changed on arrival. Fields of the service alone go, urls lose their query."""

    def cut(name: str) -> Visit:
        def visit(message: Message, url: str) -> bool:
            setattr(message, name, cut_url(url))
            return True

        return visit

    def clear(name: str) -> Visit:
        def visit(message: Message, _: Any) -> bool:
            message.ClearField(name)
            return True

        return visit

    def choice(field: FieldDescriptor) -> Visit | None:
        if is_output_only(field):
            return clear(field.name)
        rules = field_rules(field)
        return cut(field.name) if rules is not None and rules.format == FORMAT_URL else None

    return choice


def write_only(keep: Callable[[Message, str, str], str]) -> Choice:
    """Choice: texts that are taken in and never given out. `keep` says what is kept of one, given
    its message, the field's name and the text."""

    def hide(name: str) -> Visit:
        def visit(message: Message, text: str) -> bool:
            setattr(message, name, keep(message, name, text))
            return True

        return visit

    def choice(field: FieldDescriptor) -> Visit | None:
        rules = field_rules(field)
        if rules is None or not rules.write_only or field.message_type is not None:
            return None
        return hide(field.name)

    return choice
