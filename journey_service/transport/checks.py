"""From the bytes of a message to a message that the caller may send: its fields, its objects.

Every id of the message is compared with the credential before anything is looked up. To a device
foreign, unknown and erased look alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from journey.v1.access_pb2 import (
    ROLE_SERVICE,
    SCOPE_CUSTOMER,
    SCOPE_GROUP,
    SCOPE_JOURNAL,
    SCOPE_NONE,
    SCOPE_PROJECTION,
    Scope,
)
from journey_service.domain.errors import (
    CustomerMismatch,
    FieldViolations,
    ScopeMissing,
)
from journey_service.domain.identity import Principal, check_group, reach
from journey_service.domain.state_keys import parts_of
from journey_service.domain.validation import Validation
from journey_service.transport.methods import Method

JOURNAL_SCOPE = "journal.read"
# Of one projection alone it is followed by a colon and its name.
PROJECTION_SCOPE = "projection.read"

M = TypeVar("M", bound=Message)
ObjectCheck = Callable[[Principal, Message], str]
# Checks a message of a caller; returns the subject it is about, empty for none.
Vet = Callable[[Principal, Message], str]


def parsed(kind: type[M], data: bytes) -> M:
    """The message. Raises FieldViolations where the bytes are none."""
    try:
        return kind.FromString(data)
    except DecodeError:
        raise FieldViolations.one("", f"the bytes are no {kind.DESCRIPTOR.full_name}") from None


def object_check(method: Method) -> ObjectCheck:
    """The one check of what a method is confined to; it returns the subject, empty for none.

    Raises CustomerMismatch, ScopeMissing, FieldViolations.
    """
    checks: dict[Scope, ObjectCheck] = {
        SCOPE_CUSTOMER: _customer(method.request),
        SCOPE_JOURNAL: _journal,
        SCOPE_GROUP: _group(method.request),
        SCOPE_PROJECTION: _projection,
        SCOPE_NONE: lambda principal, message: "",
    }
    return checks[method.scope]


def _customer(request: type[Message]) -> ObjectCheck:
    fields = request.DESCRIPTOR.fields_by_name
    names_subject, names_installation = "subject_id" in fields, "installation_id" in fields

    def check(principal: Principal, message: Message) -> str:
        if names_installation and principal.installation_id:
            named = getattr(message, "installation_id")  # noqa: B009  the type has it
            if named and named != principal.installation_id:
                raise CustomerMismatch
        if principal.anonymous and not principal.subject_id:
            return ""  # A visitor whom nobody knows yet: the application finds the subject.
        if names_subject:
            return reach(principal, getattr(message, "subject_id"))  # noqa: B009  likewise
        return principal.subject_id

    return check


def _journal(principal: Principal, message: Message) -> str:
    subject_id = getattr(message, "subject_id", "")
    if subject_id:
        return reach(principal, subject_id)
    if principal.role == ROLE_SERVICE and JOURNAL_SCOPE not in principal.scopes:
        raise ScopeMissing(
            f"The credential lacks the scope {JOURNAL_SCOPE}, which reading the journal needs.",
            scope=JOURNAL_SCOPE,
        )
    return ""


def _projection(principal: Principal, message: Message) -> str:
    """A state by its key is its customer's; of all customers a service needs the scope."""
    key = getattr(message, "key", "")
    if key:
        return reach(principal, parts_of(key)[0])
    name = getattr(message, "projection", "")
    allowed = {PROJECTION_SCOPE, f"{PROJECTION_SCOPE}:{name}"}
    if principal.role == ROLE_SERVICE and not allowed & principal.scopes:
        raise ScopeMissing(
            f"The credential lacks the scope {PROJECTION_SCOPE}, or {PROJECTION_SCOPE}:{name}, "
            "which reading states of all customers needs.",
            scope=PROJECTION_SCOPE,
        )
    return ""


def _group(request: type[Message]) -> ObjectCheck:
    fields = request.DESCRIPTOR.fields_by_name
    # Named by the message itself, in the group that it holds, or by the start of a stream.
    holder = next((name for name in ("group", "start") if name in fields), "")
    names_group = bool(holder) or "group_id" in fields

    def check(principal: Principal, message: Message) -> str:
        if names_group and (not holder or message.HasField(holder)):
            named = getattr(message, holder) if holder else message
            check_group(principal, getattr(named, "group_id"))  # noqa: B009  the type has it
        return ""

    return check


def vet(method: Method, validation: Validation) -> Vet:
    """Field rules, then the object check. Raises FieldViolations with all that are broken."""
    check_object, check_fields = object_check(method), validation.validate_request

    def checked(principal: Principal, message: Message) -> str:
        check_fields(message)
        return check_object(principal, message)

    return checked
