"""Who a customer is, as far as a caller reaches it, and whether there is one at all."""

from __future__ import annotations

from journey.v1.access_pb2 import ROLE_DEVELOPER, ROLE_DEVICE, ROLE_SERVICE
from journey_service.application.context import Context
from journey_service.application.sources import heads_of
from journey_service.domain.customers import Customer, alone
from journey_service.domain.errors import CustomerNotFound
from journey_service.domain.identity import Principal

REACH_EVERYBODY = frozenset({ROLE_SERVICE, ROLE_DEVELOPER})


async def customer_of(context: Context, principal: Principal, subject_id: str) -> Customer:
    """The customer of a subject that the caller reaches, as far as it may see it.

    `subject_id` is what `reach` gave.
    """
    return seen_by(principal, subject_id, await context.identities.customer(subject_id))


def seen_by(principal: Principal, subject_id: str, customer: Customer) -> Customer:
    """The customer as its caller may see it: a device that is not signed in sees its own subject
    alone where the customer has an account. Membership gives data, not permission."""
    if principal.role != ROLE_DEVICE or len(customer.members) == 1:
        return customer
    own = customer.member(subject_id)
    if own.registered or not any(member.registered for member in customer.members):
        return customer
    return alone(subject_id, created_at_ms=own.created_at_ms)


def sees_proved_only(principal: Principal) -> bool:
    """Whether a caller sees the whole customer only as who holds its account (Reader.read). Devices
    do; a guest, who reads as whoever made the code, sees no more than that one."""
    return principal.role == ROLE_DEVICE


async def check_customer_there(
    context: Context, principal: Principal, subject_id: str, customer: Customer
) -> None:
    """See check_there, of all members that the caller sees."""
    heads = await heads_of(context, customer.subject_ids)
    await check_there(context, principal, subject_id, sum(heads.values()))


async def check_there(
    context: Context, principal: Principal, subject_id: str, version: int
) -> None:
    """Raises CustomerNotFound to services and developers where nothing is known of the subject.

    `version` is where its stream stands. A device or staff reaches its own subject alone, and that
    one is there with its first call, if empty: it gets empty answers, so that what is not there and
    what is not its own stay alike. A session may be stored shortly before its first event.
    """
    if version or principal.role not in REACH_EVERYBODY:
        return
    if await context.sessions.list_of(subject_id, limit=1):
        return
    raise CustomerNotFound(
        f"There is no customer {subject_id}: nothing was recorded of it and no session opened. "
        "Look at the id; recording for it makes it.",
        subject_id=subject_id,
    )
