"""What the schema says about interaction types, read from its descriptor."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from google.protobuf.descriptor import FieldDescriptor

from journey.v1 import rules_pb2 as rules
from journey.v1.interactions_pb2 import Custom, Interaction
from journey.v1.rules_pb2 import InteractionRules


@cache
def types() -> dict[str, FieldDescriptor]:
    """The field of Interaction.body by dotted name, e.g. `cart.line_added`."""
    fields = cast("list[FieldDescriptor]", Interaction.DESCRIPTOR.oneofs_by_name["body"].fields)
    return {rules_of(field.name).name: field for field in fields}


@cache
def rules_of(body: str) -> InteractionRules:
    """What holds for a type, by the name of its field in Interaction.body."""
    message = cast("Any", Interaction.DESCRIPTOR.fields_by_name[body].message_type)
    return cast("InteractionRules", message.GetOptions().Extensions[rules.interaction])


def dotted_name(interaction: Interaction) -> str:
    """The stored name of an interaction's type; empty without a body."""
    body = interaction.WhichOneof("body")
    return rules_of(body).name if body else ""


def is_telemetry(interaction: Interaction) -> bool:
    """Whether the app reports it by itself, rather than that the customer acted."""
    body = interaction.WhichOneof("body")
    if body == "custom":
        stated: Custom = interaction.custom
        return stated.interaction_class == rules.INTERACTION_CLASS_TELEMETRY
    wanted = rules.INTERACTION_CLASS_TELEMETRY
    return bool(body) and rules_of(body).interaction_class == wanted
