"""The interaction types as a table, read from the options of interactions.proto once at import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor

from journey.v1.access_pb2 import Role
from journey.v1.interactions_pb2 import Interaction
from journey.v1.rules_pb2 import (
    INTERACTION_CLASS_STATED,
    INTERACTION_CLASS_TELEMETRY,
    InteractionRules,
)
from journey_service.domain.options import (
    fields_of,
    interaction_rules,
    value_kinds,
    value_roles,
)
from journey_service.domain.wire_event import AnyEvent

ANY_KIND = "*"
# In a type's kinds: those that the deployment declares.
CUSTOM_KIND = "custom"


@dataclass(frozen=True, slots=True)
class RestrictedValue:
    """A value of an enum field that only some roles may send, or only for some journey kinds."""

    field: str
    number: int
    name: str
    roles: frozenset[Role]
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class InteractionType:
    """One interaction type and its rules.

    `name` is the dotted name, the stored topic; `field` the member of Interaction.body.
    `journey_ids` gives, by kind, the journey_id that an empty one means. `stated`: the message says
    itself whether it is telemetry (Custom). `rev_required`: a device must send expected_rev.
    """

    name: str
    field: str
    message: Descriptor
    rules: InteractionRules
    roles: frozenset[Role]
    kinds: frozenset[str]
    journey_ids: Mapping[str, str]
    telemetry: bool
    stated: bool
    machine: bool
    rev_required: bool
    restricted: tuple[RestrictedValue, ...]

    @property
    def takes_any_kind(self) -> bool:
        """Whether it may belong to a journey of any kind."""
        return ANY_KIND in self.kinds


def _interaction_type(field: str, message: Descriptor) -> InteractionType:
    rules = interaction_rules(message)
    return InteractionType(
        name=rules.name,
        field=field,
        message=message,
        rules=rules,
        roles=frozenset(rules.roles),
        kinds=frozenset(rules.kinds),
        journey_ids=_journey_ids(rules),
        telemetry=rules.interaction_class == INTERACTION_CLASS_TELEMETRY,
        stated=rules.interaction_class == INTERACTION_CLASS_STATED,
        machine=rules.machine,
        rev_required=rules.expected_rev_required,
        restricted=tuple(_restricted_values(message)),
    )


def _journey_ids(rules: InteractionRules) -> dict[str, str]:
    if not rules.default_journey_id:
        return {}
    return dict.fromkeys(rules.default_kinds or rules.kinds, rules.default_journey_id)


def _restricted_values(message: Descriptor) -> list[RestrictedValue]:
    return [
        RestrictedValue(
            field.name, value.number, value.name, value_roles(value), value_kinds(value)
        )
        for field in fields_of(message)
        if field.enum_type is not None
        for value in field.enum_type.values
        if value_roles(value) or value_kinds(value)
    ]


# By member of Interaction.body, as WhichOneof names it.
TYPES: Mapping[str, InteractionType] = {
    field.name: _interaction_type(field.name, field.message_type)
    for field in fields_of(Interaction.DESCRIPTOR)
    if field.containing_oneof is not None and field.containing_oneof.name == "body"
    if field.message_type is not None
}
TYPES_BY_NAME: Mapping[str, InteractionType] = {kind.name: kind for kind in TYPES.values()}

# First words of dotted names, which custom names may not begin with.
GROUPS = frozenset(name.split(".")[0] for name in TYPES_BY_NAME)
# The journey kinds that need no declaration.
KINDS = frozenset(
    kind for found in TYPES.values() for kind in found.kinds if kind not in {ANY_KIND, CUSTOM_KIND}
)


def is_telemetry(event: AnyEvent) -> bool:
    """Whether the app reported it by itself; what is not known counts as telemetry."""
    found = TYPES_BY_NAME.get(event.type)
    if found is not None and found.stated:
        return event.interaction.custom.interaction_class == INTERACTION_CLASS_TELEMETRY
    return found is None or found.telemetry


def type_of(interaction: Interaction) -> InteractionType | None:
    """The type of an interaction's body; None for a body that this version does not know."""
    field = interaction.WhichOneof("body")
    return TYPES[field] if field else None
