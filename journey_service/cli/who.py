"""Of which subjects a customer is made, as `journey show` tells it."""

from __future__ import annotations

from collections.abc import Iterator

from journey.v1.identity_pb2 import Customer as Told
from journey.v1.identity_pb2 import IdentityLink, Member
from journey.v1.interactions_pb2 import LinkEvidence
from journey_client import Customer
from journey_service.cli import output
from journey_service.cli.output import Output

COLUMNS = ("subject", "who", "events", "began", "linked", "by")
PROOFS = {
    LinkEvidence.KIND_CARRIED_OVER: "sign-in",
    LinkEvidence.KIND_IDENTIFIER: "identifier",
    LinkEvidence.KIND_CLAIM: "claim",
    LinkEvidence.KIND_HANDOFF: "code",
    LinkEvidence.KIND_OPERATOR: "hand",
}


async def tell(customer: Customer, out: Output) -> None:
    """Print the subjects of a customer that has several, from the lead along the links."""
    found = await customer.who()
    if len(found.members) == 1:
        return
    if out.as_json:
        out.record({"customer": output.message(found)})
        return
    out.say()
    title = f"customer {found.customer_id}: {len(found.members)} subjects, {len(found.links)} links"
    out.table(COLUMNS, rows_of(found), title=title)


def rows_of(found: Told) -> Iterator[tuple[str, ...]]:
    """A row for each subject, the lead first, each below the one that it was linked with."""
    members = {member.subject_id: member for member in found.members}
    yield _row(members.pop(found.customer_id))
    yield from _below(found, found.customer_id, members, 1)


def _below(
    found: Told, above: str, left: dict[str, Member], depth: int
) -> Iterator[tuple[str, ...]]:
    """Those that are linked with a subject and were not told of yet, with those below them."""
    for link in found.links:
        member = None if link.revoked_at_ms else left.pop(_other_end(link, above), None)
        if member is not None:
            yield _row(member, link, "  " * (depth - 1) + "└ ")
            yield from _below(found, member.subject_id, left, depth + 1)


def _other_end(link: IdentityLink, end: str) -> str:
    """The other end of a link that has this one; empty for links of others."""
    ends = (link.subject_a, link.subject_b)
    return ends[ends[0] == end] if end in ends else ""


def _row(member: Member, link: IdentityLink | None = None, before: str = "") -> tuple[str, ...]:
    return (
        before + member.subject_id,
        "visitor" if member.anonymous else "account",
        str(member.version),
        output.moment(member.created_at_ms),
        output.moment(link.made_at_ms) if link else "",
        PROOFS.get(link.evidence, "") if link else "",
    )
