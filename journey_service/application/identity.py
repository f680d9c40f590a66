"""Who is one customer: the visitor of an installation is carried over to the account that signs in.

    secret proved ─▶ visitor of the epoch in force ─▶ link_between ─▶ nothing │ LinkRejected │
        SubjectsLinked in both streams, CartMerged where both have lines, the customer: one write

Every attempt reads and decides anew, so it may be repeated, from several devices and processes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from journey.v1.events_pb2 import ACTOR_KIND_SYSTEM, Actor
from journey.v1.interactions_pb2 import (
    ASSURANCE_VERIFIED,
    INSTALLATION_MODE_SHARED,
    CartMerged,
    Interaction,
    LinkEvidence,
    LinkRejected,
)
from journey.v1.journeys_pb2 import CartState
from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import OpenSessionRequest
from journey.v1.sessions_pb2 import Session
from journey_service.application.cart_merging import RULES, merged_lines
from journey_service.application.context import Context
from journey_service.application.decided import decided, record_decided
from journey_service.domain.batch import Batch, Candidate, Seen, Stamp
from journey_service.domain.customers import (
    Customer,
    CustomerLimits,
    Link,
    event_id_of,
    joined,
    link_between,
    linked_event,
)
from journey_service.domain.errors import IdentityContention, VersionConflict

ATTEMPTS = 5
CART = JourneyRef(kind="cart", journey_id="main")
CART_KEY = "cart/main"
EVIDENCE = LinkEvidence(kind=LinkEvidence.KIND_CARRIED_OVER)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two customers that become one, as it was read: versions of its members' streams,
    the greatest stamp in them, and its cart."""

    customer: Customer
    versions: Mapping[str, int]
    floor: Stamp
    cart: CartState


async def epoch_to_open(context: Context, subject_id: str, request: OpenSessionRequest) -> int:
    """The sign-in epoch to ask for: the next one where the visitor of the one in force is another
    account's already, so that two people never share one."""
    visiting = context.visiting
    epoch = await visiting.installations.epoch(request.installation_id, asked=request.epoch)
    visitor_id = visiting.subject_id(request.installation_id, epoch)
    customer = await context.identities.customer(visitor_id)
    others = any(one.registered and one.subject_id != subject_id for one in customer.members)
    return epoch + 1 if others else request.epoch


async def carry_over(context: Context, session: Session, received_ms: int) -> None:
    """Link the visitor of the session's installation and epoch to the account that signed in.

    A visitor who did nothing leaves nothing; one that is linked stays so, and nothing is recorded.
    Raises IdentityContention where others changed the same customer at each of five attempts.
    """
    visitor_id = context.visiting.subject_id(session.installation_id, session.epoch)
    for _ in range(ATTEMPTS):
        try:
            await _carry_over(context, session, visitor_id, received_ms)
        except (VersionConflict, IdentityContention):
            continue
        return
    raise IdentityContention


async def _carry_over(
    context: Context, session: Session, visitor_id: str, received_ms: int
) -> None:
    theirs = await context.identities.customer(visitor_id)
    if not theirs.member(visitor_id).created_at_ms:
        return
    ours = await context.identities.customer(session.subject_id)
    ours = ours.with_member(replace(ours.member(session.subject_id), registered=True))
    link = link_between(
        ours,
        theirs,
        (session.subject_id, visitor_id),
        evidence=EVIDENCE,
        assurance=ASSURANCE_VERIFIED,
        made_at_ms=received_ms,
        shared_device=session.device.mode == INSTALLATION_MODE_SHARED,
        limits=CustomerLimits(context.settings.customer_subjects, context.settings.customer_links),
    )
    if isinstance(link, Link):
        sides = [await _side(context, ours, session.subject_id)]
        sides.append(await _side(context, theirs, visitor_id))
        await _write(context, session, link, sides, received_ms)
    elif link is not None:
        await _reject(context, session, visitor_id, link, received_ms)


async def _reject(
    context: Context,
    session: Session,
    visitor_id: str,
    reason: LinkRejected.Reason,
    received_ms: int,
) -> None:
    """Say in the session's stream why the two stay apart, once."""
    a, b = sorted((session.subject_id, visitor_id))
    rejected = LinkRejected(subject_a=a, subject_b=b, reason=reason, evidence=EVIDENCE)
    interaction = Interaction(link_rejected=rejected)
    name = f"{a}/{b}/link_rejected/{reason}"
    await record_decided(context, session, received_ms, interaction, name=name)


async def _side(context: Context, customer: Customer, subject_id: str) -> Side:
    """What a customer has, copied: what the reader gives moves on."""
    view = (await context.reader.read(subject_id)).view
    cart = CartState()
    if CART_KEY in view.folds:
        cart.CopyFrom(view.publish(CART_KEY, context.clock.now_ms()).cart)
    return Side(customer, dict(view.versions), view.floor, cart)


async def _write(
    context: Context, session: Session, link: Link, sides: Sequence[Side], received_ms: int
) -> None:
    """The link in both streams, the merged cart in the lead's, and the customer, all or nothing."""
    one, other = sides
    after = joined(one.customer, other.customer, link)
    streams: dict[str, list[Candidate]] = {}
    caused_by = session.session_id
    told = linked_event(one.customer, other.customer, link, caused_by=caused_by)
    for subject_id in link.pair:
        event_id = event_id_of(link.link_id, subject_id)
        linked = decided(session, Interaction(event_id=event_id, subjects_linked=told))
        streams[subject_id] = [linked]
    if one.customer.subject_ids != other.customer.subject_ids:
        candidate = _merged_cart(context, session, link, sides, after.customer_id)
        if candidate is not None:
            streams.setdefault(after.customer_id, []).append(candidate)
    versions = {**one.versions, **other.versions}
    batches = [
        _batch(session, subject_id, candidates, versions[subject_id], received_ms)
        for subject_id, candidates in sorted(streams.items())
    ]
    before = [one.customer, other.customer]
    await context.identities.link(batches, before, after, [link])


def _merged_cart(
    context: Context, session: Session, link: Link, sides: Sequence[Side], lead: str
) -> Candidate | None:
    """One cart of two, if both have lines: it acts as a set on every line of either, upon all that
    was in the streams of both."""
    if not all(side.cart.lines for side in sides):
        return None
    # The account's cart is the lead's; of two visitors, too.
    kept, brought = sides if lead in sides[0].customer.subject_ids else reversed(sides)
    rule = RULES[context.settings.cart_merge_rule]
    lines = merged_lines(rule, kept.cart, brought.cart)
    merged = Interaction(
        event_id=event_id_of(link.link_id, CART_KEY),
        journey=CART,
        cart_merged=CartMerged(link_id=link.link_id, rule=rule, lines=lines),
    )
    seen = Seen(
        versions={**kept.versions, **brought.versions},
        issued_ms=context.clock.now_ms(),
        floor=max(kept.floor, brought.floor),
    )
    return decided(session, merged, seen=seen)


def _batch(
    session: Session,
    subject_id: str,
    candidates: Sequence[Candidate],
    version: int,
    received_ms: int,
) -> Batch:
    return Batch(
        subject_id=subject_id,
        installation_id="",
        candidates=tuple(candidates),
        received_ms=received_ms,
        actor=Actor(kind=ACTOR_KIND_SYSTEM),
        session_id=session.session_id if subject_id == session.subject_id else "",
        sequenced=False,
        expected_version=version,
    )
