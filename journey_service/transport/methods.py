"""What the protos say of each method: who may call it, what it is confined to, how it loads.

Read once at start. A method whose rules are not whole keeps the server from starting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from journey.v1 import (
    admin_service_pb2,
    history_service_pb2,
    identity_service_pb2,
    journey_service_pb2,
    projection_service_pb2,
    session_service_pb2,
    subscription_service_pb2,
)
from journey.v1.access_pb2 import Access, LoadClass, Role, Scope, access
from journey_service.transport.mint import ROLES

FILES = (
    journey_service_pb2,
    session_service_pb2,
    identity_service_pb2,
    history_service_pb2,
    subscription_service_pb2,
    projection_service_pb2,
    admin_service_pb2,
)
SERVICES: tuple[ServiceDescriptor, ...] = tuple(
    service for file in FILES for service in file.DESCRIPTOR.services_by_name.values()
)


# Each answer is another one, and a lost one comes again: neither idempotent nor without effect.
WITHOUT_LEVEL = frozenset({"Pull"})


class SchemaIncomplete(RuntimeError):
    """Methods lack rules; the text names each method and what it lacks."""


@dataclass(frozen=True, slots=True)
class Method:
    """One RPC with its rules. `label` names it in logs and figures, `path` on the wire."""

    service: str
    name: str
    request: type[Message]
    client_streams: bool
    server_streams: bool
    side_effects: bool
    roles: frozenset[Role]
    scope: Scope
    load: LoadClass
    audit: bool

    @property
    def path(self) -> str:
        """Its path on the wire."""
        return f"/{self.service}/{self.name}"

    @property
    def label(self) -> str:
        """Its short name: JourneyService/Record."""
        return f"{self.service.rpartition('.')[2]}/{self.name}"


def read_methods(services: Iterable[ServiceDescriptor] = SERVICES) -> dict[str, Method]:
    """The methods by their label. Raises SchemaIncomplete."""
    described = [method for service in services for method in service.methods]
    lacking = [text for method in described for text in _lacks(method)]
    if lacking:
        raise SchemaIncomplete("\n".join(lacking))
    methods = map(_method, described)
    return {method.label: method for method in methods}


def access_matrix(methods: Iterable[Method]) -> dict[str, frozenset[str]]:
    """Roles by method name, as the reliability page lists them."""
    names = {number: name for name, number in ROLES.items()}
    return {
        method.name: frozenset(names[role] for role in method.roles if role in names)
        for method in methods
    }


def matrix_lines(methods: Iterable[Method]) -> Iterator[str]:
    """The access matrix as a table for people."""
    yield f"{'method':24}" + "".join(f"{role:>11}" for role in ROLES)
    for name, roles in access_matrix(methods).items():
        yield f"{name:24}" + "".join(f"{'yes' if role in roles else '-':>11}" for role in ROLES)


def rules_of(method: MethodDescriptor) -> Access:
    """The access option of a method; empty where it has none."""
    rules: Access = method.GetOptions().Extensions[access]  # type: ignore[index]  # stubs
    return rules


def _lacks(method: MethodDescriptor) -> Iterator[str]:
    """What a method must have and has not."""
    rules = rules_of(method)
    has: Mapping[str, object] = {
        "roles": rules.roles,
        "scope": rules.scope,
        "load": rules.load,
        "an idempotency level": method.client_streaming
        or method.name in WITHOUT_LEVEL
        or method.GetOptions().idempotency_level,
    }
    for what, value in has.items():
        if not value:
            yield f"{method.full_name} has no {what}: nobody may call it"


def _method(method: MethodDescriptor) -> Method:
    rules = rules_of(method)
    level = method.GetOptions().idempotency_level
    return Method(
        service=method.containing_service.full_name,
        name=method.name,
        request=GetMessageClass(method.input_type),
        client_streams=method.client_streaming,
        server_streams=method.server_streaming,
        side_effects=level != MethodOptions.NO_SIDE_EFFECTS,
        roles=frozenset(rules.roles),
        scope=rules.scope,
        load=rules.load,
        audit=rules.audit,
    )
