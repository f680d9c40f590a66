"""What protos say about their own fields and messages, typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from google.api import field_behavior_pb2
from google.protobuf.descriptor import (
    Descriptor,
    EnumValueDescriptor,
    FieldDescriptor,
    OneofDescriptor,
)
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

from journey.v1 import rules_pb2
from journey.v1.access_pb2 import Role
from journey.v1.rules_pb2 import FieldRules, InteractionRules

# The stubs that protoc writes do not say what an extension holds.
_INTERACTION: Any = rules_pb2.interaction
_RULES: Any = rules_pb2.rules
_REQUIRED_ONE: Any = rules_pb2.required_one
_VALUE_ROLES: Any = rules_pb2.value_roles
_VALUE_KINDS: Any = rules_pb2.value_kinds
_BEHAVIOR: Any = field_behavior_pb2.field_behavior


def interaction_rules(message: Descriptor) -> InteractionRules:
    """The rules of the interaction type whose body the message is."""
    rules: InteractionRules = message.GetOptions().Extensions[_INTERACTION]
    return rules


def field_rules(field: FieldDescriptor) -> FieldRules | None:
    """The rules of a field; None where it has none."""
    options = field.GetOptions()
    return options.Extensions[_RULES] if options.HasExtension(_RULES) else None


def is_required(field: FieldDescriptor) -> bool:
    """Whether the field must be set."""
    return field_behavior_pb2.REQUIRED in field.GetOptions().Extensions[_BEHAVIOR]


def is_output_only(field: FieldDescriptor) -> bool:
    """Whether only the service sets the field."""
    return field_behavior_pb2.OUTPUT_ONLY in field.GetOptions().Extensions[_BEHAVIOR]


def requires_one(oneof: OneofDescriptor) -> bool:
    """Whether exactly one member must be set."""
    return bool(oneof.GetOptions().Extensions[_REQUIRED_ONE])


def value_roles(value: EnumValueDescriptor) -> frozenset[Role]:
    """Roles that may send the value; empty = all that may report the type."""
    return frozenset(value.GetOptions().Extensions[_VALUE_ROLES])


def value_kinds(value: EnumValueDescriptor) -> frozenset[str]:
    """Journey kinds that the value may be sent for; empty = all of the type's."""
    return frozenset(value.GetOptions().Extensions[_VALUE_KINDS])


def fields_of(message: Any) -> Sequence[FieldDescriptor]:
    """The fields of a message's descriptor, whichever implementation of protobuf made it."""
    return list(message.fields)


class Shape(NamedTuple):
    """How the fields of a message are looked at, by name.

    `plain` fields have no tracked presence: empty means not set. `repeated` ones among them are
    lists and maps. `tracked` are messages and optional scalars; `oneofs` gives the members of each.
    """

    plain: Sequence[str]
    repeated: frozenset[str]
    tracked: Sequence[str]
    oneofs: Mapping[str, Sequence[str]]


def shape_of(message: Any) -> Shape:
    """The shape of a message, from its proto: what descriptors can be asked for differs between the
    versions of protobuf that are served."""
    proto = DescriptorProto()
    message.CopyToProto(proto)
    label = FieldDescriptorProto.LABEL_REPEATED
    oneofs: dict[str, list[str]] = {}
    for field in proto.field:
        if field.HasField("oneof_index") and not field.proto3_optional:
            oneofs.setdefault(proto.oneof_decl[field.oneof_index].name, []).append(field.name)
    members = {name for names in oneofs.values() for name in names}
    single = [field for field in fields_of(message) if field.name not in members]
    return Shape(
        [field.name for field in single if not field.has_presence],
        frozenset(field.name for field in proto.field if field.label == label),
        [field.name for field in single if field.has_presence],
        oneofs,
    )


def map_value(field: FieldDescriptor) -> FieldDescriptor | None:
    """The field of a map's values; None where the field is no map."""
    entry = field.message_type
    if entry is None or not entry.GetOptions().map_entry:
        return None
    return entry.fields_by_name["value"]
