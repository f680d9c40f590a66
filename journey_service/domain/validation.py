"""What may be recorded, and how calls must be formed.

    size → known type → role → journey kind, fields, several fields → content

A bad interaction is refused by itself, with all its violations, and spoils neither its neighbours
nor the call; only what concerns the whole call is raised.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from journey.v1 import errors_pb2 as reasons
from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_SERVICE, Role
from journey.v1.interactions_pb2 import BoundIdentifier, Interaction
from journey.v1.journey_service_pb2 import RecordRequest
from journey.v1.references_pb2 import FieldViolation
from journey_service.domain.batch import Refusal
from journey_service.domain.catalogue import TYPES, InteractionType
from journey_service.domain.consistency import consistency_rules, refused_content
from journey_service.domain.envelope import (
    batch_problems,
    envelope_problems,
    seq_problems,
)
from journey_service.domain.errors import FieldViolations, TooLarge
from journey_service.domain.fields import REQUIRED, FieldChecks, Problem
from journey_service.domain.formats import Declared, query_cut
from journey_service.domain.identity import keyed_hash
from journey_service.domain.options import fields_of
from journey_service.domain.walk import Walk, arrival, walk, write_only

# More say no more, and the refusal must stay small.
MAX_VIOLATIONS = 100
# Fields of Interaction from this number on are bodies.
FIRST_BODY = 100


@dataclass(frozen=True, slots=True)
class RecordLimits:
    """How large a role's bodies and batches may be."""

    body_bytes: int
    batch_interactions: int
    batch_bytes: int


DEVICE_LIMITS = RecordLimits(16_384, 200, 262_144)
SERVICE_LIMITS = RecordLimits(65_536, 500, 1_048_576)


class Validation:
    """The rules of one deployment: the catalogue, and what its settings declare."""

    def __init__(
        self,
        declared: Declared | None = None,
        *,
        device_limits: RecordLimits = DEVICE_LIMITS,
        service_limits: RecordLimits = SERVICE_LIMITS,
        secrets_key: bytes = b"",
    ) -> None:
        """`device_limits` hold for devices and staff, `service_limits` for services.

        Of codes and secrets a hash under `secrets_key` is kept, without the key nothing.
        """
        self._declared = declared or Declared()
        self._device_limits, self._service_limits = device_limits, service_limits
        self._checks = FieldChecks(self._declared, consistency_rules(self._declared))
        self._arrivals: dict[str, Walk | None] = {}
        self._arrival = arrival(query_cut(self._declared))
        self._check_interaction = self._checks.of(Interaction.DESCRIPTOR)
        self._secrets_key = secrets_key
        self._hiding = {
            name: hide
            for name, found in TYPES.items()
            if (hide := walk(found.message, write_only(self._kept))) is not None
        }
        self._changing = frozenset(
            field.name
            for field in fields_of(Interaction.DESCRIPTOR)
            if field.message_type is not None and walk(field.message_type, self._arrival)
        )

    def limits_of(self, role: Role) -> RecordLimits:
        """The limits in force for a role."""
        return self._service_limits if role == ROLE_SERVICE else self._device_limits

    def validate_request(self, message: Message) -> None:
        """Check a call's message and clear in it what only the service sets.

        Interactions in it are left alone: `refusal_of` judges them one by one. Raises
        FieldViolations with all violations.
        """
        self.arrive(message)
        problems = self._checks.of(message.DESCRIPTOR)(message)
        if problems:
            raise FieldViolations(_violations(problems))

    def arrive(self, message: Message) -> None:
        """Clear fields of the service alone and cut urls, in place."""
        name = message.DESCRIPTOR.full_name
        if name not in self._arrivals:
            self._arrivals[name] = walk(message.DESCRIPTOR, self._arrival)
        change = self._arrivals[name]
        if change is not None:
            change(message)

    def arrive_interaction(self, interaction: Interaction, body: str) -> None:
        """The same for an interaction; most have nothing to change and are not walked."""
        if body in self._changing or interaction.HasField("touchpoint"):
            self.arrive(interaction)

    def hide_secrets(self, interaction: Interaction, body: str) -> None:
        """Put in the place of codes and secrets what is kept of them."""
        if body in self._hiding:
            self._hiding[body](getattr(interaction, body))

    def _kept(self, message: Message, name: str, text: str) -> str:
        if not self._secrets_key:
            return ""
        label = message.type if isinstance(message, BoundIdentifier) else name
        return keyed_hash(self._secrets_key, label, text)

    def check_batch(self, request: RecordRequest, role: Role) -> bool:
        """Check what concerns a batch as a whole; returns whether it is sequenced.

        Raises TooLarge and FieldViolations.
        """
        limits = self.limits_of(role)
        count, size = len(request.interactions), request.ByteSize()
        if count > limits.batch_interactions:
            raise TooLarge(
                f"A batch has at most {limits.batch_interactions} interactions; this has {count}.",
                field="interactions",
            )
        if size > limits.batch_bytes:
            raise TooLarge(
                f"A batch has at most {limits.batch_bytes:,} bytes; this has {size:,}.",
                field="interactions",
            )
        problems = [*batch_problems(request, role), *seq_problems(request, role)]
        if problems:
            raise FieldViolations(_violations(problems))
        return request.interactions[0].seq > 0

    def refusal_of(
        self, interaction: Interaction, role: Role, *, old_facts: bool = False
    ) -> Refusal | None:
        """Why an interaction, as it arrived, must be REJECTED; None if it may be recorded.

        `old_facts`: a back end brings in what devices of the past did, so it may report what now
        only devices report.
        """
        field = interaction.WhichOneof("body")
        if field is None:
            return _unknown_body(interaction)
        found = TYPES[field]
        roles = {role, ROLE_DEVICE} if old_facts else {role}
        return (
            self._too_large(interaction, field, role)
            or (self._not_known(interaction) if found.stated else None)
            or self._not_allowed(interaction, found, roles)
            or self._violated(interaction, found, role)
            or refused_content(field, interaction)
        )

    def _too_large(self, interaction: Interaction, field: str, role: Role) -> Refusal | None:
        limit = self.limits_of(role).body_bytes
        # The whole is larger than the body, so a small whole settles it.
        if interaction.ByteSize() <= limit:
            return None
        size = getattr(interaction, field).ByteSize()
        if size <= limit:
            return None
        rule = f"must have at most {limit:,} bytes; has {size:,}"
        return Refusal.of(reasons.ERROR_REASON_TOO_LARGE, field, rule)

    def _not_known(self, interaction: Interaction) -> Refusal | None:
        if interaction.custom.name in self._declared.custom_types:
            return None
        rule = "must be declared in the settings"
        return Refusal.of(reasons.ERROR_REASON_TYPE_UNKNOWN, "custom.name", rule)

    def _not_allowed(
        self, interaction: Interaction, found: InteractionType, spoken_for: set[Role]
    ) -> Refusal | None:
        """ACTOR_NOT_ALLOWED for a type or a value that none of the roles may report."""
        roles = found.roles
        if found.stated:
            roles = self._declared.custom_types[interaction.custom.name].roles
        if roles.isdisjoint(spoken_for):
            rule = f"may be reported by {_names(roles)} only"
            return Refusal.of(reasons.ERROR_REASON_ACTOR_NOT_ALLOWED, found.field, rule)
        for value in found.restricted:
            if (
                value.roles
                and value.roles.isdisjoint(spoken_for)
                and getattr(getattr(interaction, found.field), value.field) == value.number
            ):
                rule = f"may be {value.name} from {_names(value.roles)} only"
                path = f"{found.field}.{value.field}"
                return Refusal.of(reasons.ERROR_REASON_ACTOR_NOT_ALLOWED, path, rule)
        return None

    def _violated(
        self, interaction: Interaction, found: InteractionType, role: Role
    ) -> Refusal | None:
        problems = self._check_interaction(interaction)
        others = envelope_problems(interaction, found, role, self._declared.custom_kinds)
        if not problems and not others:
            return None
        problems = [*problems, *others]
        return Refusal(reasons.ERROR_REASON_FIELD_VIOLATIONS, tuple(_violations(problems)))


def _unknown_body(interaction: Interaction) -> Refusal:
    """A body that only newer servers know, or none at all."""
    unknown: Any = UnknownFieldSet(interaction)
    if any(field.field_number >= FIRST_BODY for field in unknown):
        rule = "is of a type that this server does not know: upgrade servers before clients"
        return Refusal.of(reasons.ERROR_REASON_TYPE_UNKNOWN, "body", rule)
    return Refusal.of(reasons.ERROR_REASON_FIELD_VIOLATIONS, "body", REQUIRED)


def _violations(problems: Sequence[Problem]) -> list[FieldViolation]:
    """Problems as they are answered: paths begin with a field's name."""
    told = [
        FieldViolation(path=path.removeprefix("."), rule=rule)
        for path, rule in problems[:MAX_VIOLATIONS]
    ]
    if len(problems) > MAX_VIOLATIONS:
        rule = f"{len(problems) - MAX_VIOLATIONS:,} more fields break their rules"
        told.append(FieldViolation(path="", rule=rule))
    return told


def _names(roles: Iterable[Role]) -> str:
    return ", ".join(Role.Name(role).removeprefix("ROLE_").lower() for role in sorted(roles))
