"""Who is one customer: subjects joined by recorded links, and which of them leads.

    two subjects ─▶ link_between ─▶ nothing to record │ why not │ Link ─▶ joined ─▶ Customer

A customer is what its links connect. Its id is that of the lead, a function of the set of members:
in which order links were made makes no difference. `rebuilt` gives the same from the events alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from journey.v1.events_pb2 import Event
from journey.v1.interactions_pb2 import (
    ASSURANCE_UNSPECIFIED,
    Assurance,
    LinkEvidence,
    LinkRejected,
    SubjectsLinked,
)

LINK_NAMESPACE = uuid.UUID("3f2f4a6e-7a7e-4d0b-9c55-0f6f5b1d2c38")
# Version of these rules, as links tell it.
POLICY_VERSION = "1"
LINKED = "identity.subjects_linked"

UNIQUE_CONFLICT = LinkRejected.REASON_UNIQUE_CONFLICT
SHARED_DEVICE = LinkRejected.REASON_SHARED_DEVICE
LIMIT = LinkRejected.REASON_LIMIT


@dataclass(frozen=True, slots=True)
class Member:
    """One subject of a customer. `registered`: it holds an account, which never changes: whoever
    links it first must know. `created_at_ms`: when its stream began, ms since 1970 UTC; 0 = it has
    none yet, and its first link begins it."""

    subject_id: str
    registered: bool = False
    created_at_ms: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A recorded decision that two subjects are one customer; a is the smaller id.

    Times are ms since 1970 UTC; `revoked_at_ms` 0 = it holds. A store keeps of the evidence its
    kind alone: what it rests on stands, sealed, in the event.
    """

    link_id: str
    subject_a: str
    subject_b: str
    evidence: LinkEvidence
    assurance: Assurance = ASSURANCE_UNSPECIFIED
    made_at_ms: int = 0
    revoked_at_ms: int = 0

    @property
    def pair(self) -> tuple[str, str]:
        """Both ends, the smaller id first."""
        return (self.subject_a, self.subject_b)

    @property
    def stored(self) -> Link:
        """As a store gives it back."""
        return replace(self, evidence=LinkEvidence(kind=self.evidence.kind))


@dataclass(frozen=True, slots=True)
class CustomerLimits:
    """How large a customer may become."""

    subjects: int
    links: int


@dataclass(frozen=True, slots=True)
class Customer:
    """Members by subject id, all links that have an end in them by link id, and how many links
    were made in it: whoever decides anew sees by that number whether something moved.

    One member, no link and membership 0 = a subject that is linked to nobody.
    """

    members: tuple[Member, ...]
    links: tuple[Link, ...] = ()
    membership: int = 0

    @property
    def subject_ids(self) -> tuple[str, ...]:
        """Of all members, sorted."""
        return tuple(member.subject_id for member in self.members)

    @property
    def customer_id(self) -> str:
        """The subject id of the lead."""
        return lead_of(self).subject_id

    def member(self, subject_id: str) -> Member:
        """The member with this id. Raises KeyError where it is none."""
        for member in self.members:
            if member.subject_id == subject_id:
                return member
        raise KeyError(subject_id)

    def with_member(self, member: Member) -> Customer:
        """The same with what the caller knows of a member, as that it holds an account."""
        others = (one for one in self.members if one.subject_id != member.subject_id)
        return replace(self, members=_by_id([*others, member]))

    def linked(self, one: str, other: str) -> Link | None:
        """The link between this very pair that holds."""
        pair = _pair(one, other)
        return next(
            (link for link in self.links if link.pair == pair and not link.revoked_at_ms), None
        )

    def linked_at(self, subject_id: str, at_ms: int) -> tuple[str, ...]:
        """Whom a member was one customer with at a time, by the links that held then; itself too,
        sorted. A link holds from when it was made."""
        held = [
            link.pair
            for link in self.links
            if link.made_at_ms <= at_ms and not 0 < link.revoked_at_ms <= at_ms
        ]
        found, waiting = {subject_id}, [subject_id]
        while waiting:
            end = waiting.pop()
            reached = {other for pair in held if end in pair for other in pair} - found
            found |= reached
            waiting += reached
        return tuple(sorted(found))


def alone(subject_id: str, *, registered: bool = False, created_at_ms: int = 0) -> Customer:
    """The customer of a subject that is linked to nobody."""
    return Customer((Member(subject_id, registered, created_at_ms),))


def lead_of(customer: Customer) -> Member:
    """The member that holds an account, else the earliest; of several the smallest id."""
    return min(
        customer.members,
        key=lambda member: (not member.registered, member.created_at_ms, member.subject_id),
    )


def link_id_of(one: str, other: str, earlier: int) -> str:
    """The id of a link between two subjects; `earlier` links of this pair were made before."""
    smaller, greater = _pair(one, other)
    return str(uuid.uuid5(LINK_NAMESPACE, f"{smaller}/{greater}/{earlier}"))


def event_id_of(link_id: str, name: str) -> str:
    """The id of an event that a link causes: of SubjectsLinked in a stream, `name` is its subject
    id; of CartMerged the journey's key."""
    return str(uuid.uuid5(uuid.UUID(link_id), name))


def link_between(
    one: Customer,
    other: Customer,
    ends: tuple[str, str],
    *,
    evidence: LinkEvidence,
    assurance: Assurance,
    made_at_ms: int,
    limits: CustomerLimits,
    shared_device: bool = False,
) -> Link | LinkRejected.Reason | None:
    """The link to be made between two subjects, the first of `one` and the second of `other`.

    None = there is one that holds, or both are the same subject: nothing is to be recorded. A
    reason = they are not linked, and that is recorded.
    """
    if ends[0] == ends[1] or one.linked(*ends) is not None:
        return None
    smaller, greater = _pair(*ends)
    earlier = sum(link.pair == (smaller, greater) for link in one.links)
    link_id = link_id_of(smaller, greater, earlier)
    link = Link(link_id, smaller, greater, evidence, assurance, made_at_ms)
    if shared_device:
        return SHARED_DEVICE
    after = joined(one, other, link)
    if sum(member.registered for member in after.members) > 1:
        return UNIQUE_CONFLICT
    if len(after.members) > limits.subjects or len(after.links) > limits.links:
        return LIMIT
    return link


def joined(one: Customer, other: Customer, link: Link) -> Customer:
    """The customer of both after the link; `one` and `other` may be the same.

    The stream of a member that has none yet begins with the link.
    """
    members = {
        member.subject_id: replace(member, created_at_ms=member.created_at_ms or link.made_at_ms)
        for member in (*one.members, *other.members)
    }
    links = {each.link_id: each for each in (*one.links, *other.links, link)}
    same = one.subject_ids == other.subject_ids
    before = one.membership if same else one.membership + other.membership
    return Customer(
        _by_id(members.values()),
        tuple(links[link_id] for link_id in sorted(links)),
        before + 1,
    )


def linked_event(
    one: Customer, other: Customer, link: Link, *, caused_by: str = ""
) -> SubjectsLinked:
    """What both streams record of a link between a member of `one` and a member of `other`; with
    it the tables can be made anew."""
    side_a, side_b = one, other
    if link.subject_a not in one.subject_ids:
        side_a, side_b = other, one
    after = joined(one, other, link)
    a, b = after.member(link.subject_a), after.member(link.subject_b)
    return SubjectsLinked(
        link_id=link.link_id,
        subject_a=link.subject_a,
        subject_b=link.subject_b,
        evidence=link.evidence,
        assurance=link.assurance,
        policy_version=POLICY_VERSION,
        caused_by=caused_by,
        lead_before_a=side_a.customer_id,
        lead_before_b=side_b.customer_id,
        lead_after=after.customer_id,
        made_at_ms=link.made_at_ms,
        registered_a=a.registered,
        registered_b=b.registered,
        created_a_ms=a.created_at_ms,
        created_b_ms=b.created_at_ms,
    )


def rebuilt(events: Iterable[Event]) -> dict[str, Customer]:
    """Customers by the subject id of every member, from the links that the events tell of, in any
    order and however often; other events are passed over."""
    customers: dict[str, Customer] = {}
    made: dict[str, SubjectsLinked] = {}
    for event in events:
        if event.type == LINKED and event.interaction.HasField("subjects_linked"):
            linked = event.interaction.subjects_linked
            made[linked.link_id] = linked
    for link_id in sorted(made):
        linked = made[link_id]
        a = Member(linked.subject_a, linked.registered_a, linked.created_a_ms)
        b = Member(linked.subject_b, linked.registered_b, linked.created_b_ms)
        one = customers.get(a.subject_id) or Customer((a,))
        other = customers.get(b.subject_id) or Customer((b,))
        after = joined(one, other, _link_of(linked))
        customers.update(dict.fromkeys(after.subject_ids, after))
    return customers


def _link_of(linked: SubjectsLinked) -> Link:
    evidence = LinkEvidence(kind=linked.evidence.kind)
    return Link(
        linked.link_id,
        linked.subject_a,
        linked.subject_b,
        evidence,
        linked.assurance,
        linked.made_at_ms,
    )


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _by_id(members: Iterable[Member]) -> tuple[Member, ...]:
    return tuple(sorted(members, key=lambda member: member.subject_id))
