"""How tests read the descriptors of the catalogue and the words of its page."""

from typing import Any

from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from journey.v1 import access_pb2, interactions_pb2, rules_pb2

FILE = interactions_pb2.DESCRIPTOR
BODY = interactions_pb2.Interaction.DESCRIPTOR.oneofs_by_name["body"]
BODIES = {field.message_type.name: field for field in BODY.fields if field.message_type}
ROLES = {"D": "ROLE_DEVICE", "St": "ROLE_STAFF", "Sv": "ROLE_SERVICE", "J": "ROLE_SYSTEM"}


def message(name: str) -> Descriptor:
    """Descriptor of a message of the catalogue, by its simple name."""
    return FILE.message_types_by_name[name]


def enum(name: str) -> EnumDescriptor:
    """Descriptor of an enum, `Enum` or `Message.Enum`."""
    outer, _, inner = name.rpartition(".")
    if outer:
        return message(outer).enum_types_by_name[inner]
    return FILE.enum_types_by_name[inner]


def option(described: Any, extension: Any) -> Any:
    """Value of an option of ours; the type of a generated extension does not say whose it is."""
    return described.GetOptions().Extensions[extension]


def rules_of(name: str) -> rules_pb2.InteractionRules:
    """Rules of an interaction type."""
    rules: rules_pb2.InteractionRules = option(message(name), rules_pb2.interaction)
    return rules


def rules_of_field(field: FieldDescriptor) -> rules_pb2.FieldRules:
    """Rules of a field, all unset if it has none."""
    rules: rules_pb2.FieldRules = option(field, rules_pb2.rules)
    return rules


def is_required(field: FieldDescriptor) -> bool:
    """Whether field_behavior says REQUIRED."""
    return field_behavior_pb2.REQUIRED in option(field, field_behavior_pb2.field_behavior)


def listed(text: str) -> list[str]:
    """Parts of a cell; `-` is none."""
    return [] if text in {"-", ""} else text.split(",")


def words(text: str) -> dict[str, list[str]]:
    """First word of each line and the rest of its words; a backslash joins lines."""
    return {line.split()[0]: line.split()[1:] for line in filter(None, text.splitlines())}


def role_numbers(text: str) -> list[int]:
    """Numbers of the roles of a cell."""
    return [access_pb2.Role.Value(ROLES[letter]) for letter in listed(text)]
