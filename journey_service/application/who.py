"""Who a customer is: its subjects, and the links that make them one."""

from __future__ import annotations

from dataclasses import replace

from journey.v1 import identity_pb2 as told
from journey.v1.identity_service_pb2 import GetCustomerRequest, GetCustomerResponse
from journey_service.application.context import Context
from journey_service.application.customers import check_there, customer_of
from journey_service.application.sources import heads_of
from journey_service.domain.customers import Customer, Link, Member
from journey_service.domain.identity import Principal, reach


async def get_customer(
    context: Context, principal: Principal, request: GetCustomerRequest
) -> GetCustomerResponse:
    """The members of a customer and what joins them, as far as the caller may see it. Raises
    CustomerMismatch, CustomerNotFound."""
    subject_id = reach(principal, request.subject_id)
    customer = await customer_of(context, principal, subject_id)
    heads = await heads_of(context, customer.subject_ids)
    await check_there(context, principal, subject_id, sum(heads.values()))
    if len(customer.members) == 1:
        customer = customer.with_member(await _lone(context, *customer.members))
    return GetCustomerResponse(
        customer=told.Customer(
            customer_id=customer.customer_id,
            members=[_member(member, heads[member.subject_id]) for member in customer.members],
            links=[_link(link) for link in _as_made(customer)],
        )
    )


async def _lone(context: Context, member: Member) -> Member:
    """A subject that is linked to nobody: it is a visitor's where its id is made of an installation
    that it has a session on. Else it is called by a name that somebody gave it."""
    sessions = await context.sessions.list_of(member.subject_id, limit=context.settings.page_size)
    return replace(member, registered=not any(map(context.visiting.is_visit, sessions)))


def _as_made(customer: Customer) -> list[Link]:
    return sorted(customer.links, key=lambda link: (link.made_at_ms, link.link_id))


def _member(member: Member, version: int) -> told.Member:
    return told.Member(
        subject_id=member.subject_id,
        anonymous=not member.registered,
        version=version,
        created_at_ms=member.created_at_ms,
    )


def _link(link: Link) -> told.IdentityLink:
    return told.IdentityLink(
        link_id=link.link_id,
        subject_a=link.subject_a,
        subject_b=link.subject_b,
        assurance=link.assurance,
        made_at_ms=link.made_at_ms,
        revoked_at_ms=link.revoked_at_ms,
        evidence=link.evidence.kind,
    )
