"""With whom a subject was one customer at a time."""

from __future__ import annotations

from journey.v1.interactions_pb2 import ASSURANCE_VERIFIED, LinkEvidence
from journey_service.domain.customers import Customer, Link, Member, link_id_of


def link(one: str, other: str, made_at_ms: int, revoked_at_ms: int = 0) -> Link:
    name = link_id_of(one, other, made_at_ms)
    return Link(name, one, other, LinkEvidence(), ASSURANCE_VERIFIED, made_at_ms, revoked_at_ms)


CHAIN = Customer(
    tuple(map(Member, "abcd")),
    (link("a", "b", 10), link("b", "c", 20), link("c", "d", 30, revoked_at_ms=40)),
    membership=3,
)


def test_members_are_linked_from_when_their_link_was_made() -> None:
    assert [CHAIN.linked_at("a", at_ms) for at_ms in (9, 10, 19, 20)] == [
        ("a",),
        ("a", "b"),
        ("a", "b"),
        ("a", "b", "c"),
    ]


def test_a_chain_is_seen_from_both_ends_and_what_was_not_linked_then_is_alone() -> None:
    assert CHAIN.linked_at("c", 25) == ("a", "b", "c")
    assert CHAIN.linked_at("d", 25) == ("d",)


def test_a_link_that_was_revoked_held_until_then() -> None:
    assert CHAIN.linked_at("d", 39) == ("a", "b", "c", "d")
    assert CHAIN.linked_at("d", 40) == ("d",)
