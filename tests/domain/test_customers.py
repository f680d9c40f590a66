from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from journey.v1.events_pb2 import Event
from journey.v1.interactions_pb2 import (
    ASSURANCE_VERIFIED,
    Interaction,
    LinkEvidence,
    LinkRejected,
    SubjectsLinked,
)
from journey_service.domain.customers import (
    LIMIT,
    LINKED,
    SHARED_DEVICE,
    UNIQUE_CONFLICT,
    Customer,
    CustomerLimits,
    Link,
    Member,
    alone,
    event_id_of,
    joined,
    lead_of,
    link_between,
    link_id_of,
    linked_event,
    rebuilt,
)

CARRIED = LinkEvidence(
    kind=LinkEvidence.KIND_CARRIED_OVER, identifier_type="email", identifier_hash=b"hash"
)
VISITOR, ACCOUNT, OTHER = (
    Member("visitor", False, 10),
    Member("account", True, 20),
    Member("other", True, 30),
)


LARGE = CustomerLimits(100, 100)


def of(*members: Member) -> Customer:
    return Customer(tuple(sorted(members, key=lambda member: member.subject_id)))


def decide(
    one: Customer,
    other: Customer,
    *ends: str,
    limits: CustomerLimits = LARGE,
    shared_device: bool = False,
) -> object:
    found: Link | LinkRejected.Reason | None = link_between(
        one,
        other,
        (ends[0], ends[1]),
        evidence=CARRIED,
        assurance=ASSURANCE_VERIFIED,
        made_at_ms=100,
        limits=limits,
        shared_device=shared_device,
    )
    return found


def linked(one: Customer, other: Customer, *ends: str) -> tuple[Customer, SubjectsLinked]:
    link = decide(one, other, *ends)
    assert isinstance(link, Link)
    return joined(one, other, link), linked_event(one, other, link, caused_by="sign-in")


def test_the_account_leads_whoever_was_there_first() -> None:
    assert lead_of(of(VISITOR, ACCOUNT)) == ACCOUNT


def test_without_an_account_the_earliest_leads_and_of_several_the_smallest_id() -> None:
    late, early, twin = (
        Member("a", created_at_ms=9),
        Member("c", created_at_ms=3),
        Member("b", False, 3),
    )
    assert of(late, early).customer_id == "c"
    assert of(late, early, twin).customer_id == "b"


def test_a_links_id_is_the_same_from_both_sides_and_another_after_each_earlier_one() -> None:
    assert link_id_of("a", "b", 0) == link_id_of("b", "a", 0)
    assert len({link_id_of("a", "b", n) for n in range(3)} | {link_id_of("a", "c", 0)}) == 4


def test_an_event_of_a_link_has_an_id_of_its_own_in_every_stream() -> None:
    link_id = link_id_of("a", "b", 0)
    assert event_id_of(link_id, "a") == event_id_of(link_id, "a") != event_id_of(link_id, "b")


def test_a_link_names_the_smaller_id_first() -> None:
    link = decide(of(VISITOR), of(ACCOUNT), "visitor", "account")
    assert isinstance(link, Link)
    assert link == decide(of(ACCOUNT), of(VISITOR), "account", "visitor")
    assert link.pair == ("account", "visitor")
    assert (link.made_at_ms, link.assurance, link.evidence) == (100, ASSURANCE_VERIFIED, CARRIED)


def test_a_store_keeps_the_kind_of_the_evidence_alone() -> None:
    link = decide(of(VISITOR), of(ACCOUNT), "visitor", "account")
    assert isinstance(link, Link)
    assert link.stored.evidence == LinkEvidence(kind=LinkEvidence.KIND_CARRIED_OVER)


def test_a_pair_whose_link_holds_is_not_linked_again() -> None:
    both, _ = linked(of(VISITOR), of(ACCOUNT), "visitor", "account")
    assert decide(both, both, "account", "visitor") is None
    assert decide(both, both, "account", "visitor", shared_device=True) is None
    assert decide(both, both, "account", "account") is None


def test_a_revoked_link_holds_no_more_and_the_next_has_another_id() -> None:
    first = decide(of(VISITOR), of(ACCOUNT), "visitor", "account")
    assert isinstance(first, Link)
    revoked = Link(first.link_id, *first.pair, CARRIED, ASSURANCE_VERIFIED, 100, revoked_at_ms=150)
    freed = Customer((VISITOR,), (revoked,), 1)
    assert freed.linked("visitor", "account") is None
    again = decide(freed, of(ACCOUNT), "visitor", "account")
    assert isinstance(again, Link)
    assert again.link_id == link_id_of("account", "visitor", 1)


def test_two_accounts_are_never_one_customer_however_far_apart() -> None:
    assert decide(of(ACCOUNT), of(OTHER), "account", "other") == UNIQUE_CONFLICT
    first, _ = linked(of(VISITOR), of(ACCOUNT), "visitor", "account")
    assert decide(first, of(OTHER), "visitor", "other") == UNIQUE_CONFLICT


def test_nothing_is_carried_over_on_a_device_of_many() -> None:
    found = decide(of(VISITOR), of(ACCOUNT), "visitor", "account", shared_device=True)
    assert found == SHARED_DEVICE


@pytest.mark.parametrize("limits", [CustomerLimits(2, 100), CustomerLimits(100, 1)])
def test_a_customer_grows_no_further_than_the_limits(limits: CustomerLimits) -> None:
    both, _ = linked(of(VISITOR), of(ACCOUNT), "visitor", "account")
    third = of(Member("third", False, 5))
    assert decide(both, third, "visitor", "third", limits=limits) == LIMIT
    assert isinstance(decide(of(VISITOR), third, "visitor", "third", limits=limits), Link)


def test_a_stream_that_has_not_begun_begins_with_its_link() -> None:
    both, told = linked(of(VISITOR), alone("account", registered=True), "visitor", "account")
    assert both.member("account") == Member("account", True, 100)
    assert (told.created_a_ms, told.registered_a, told.created_b_ms) == (100, True, 10)


def test_what_a_caller_knows_of_a_member_can_be_said() -> None:
    customer = alone("account", created_at_ms=7)
    assert customer.with_member(Member("account", True, 7)).members == (Member("account", True, 7),)
    with pytest.raises(KeyError):
        customer.member("visitor")


def test_a_link_tells_who_led_before_and_who_leads_now() -> None:
    chain, _ = linked(of(VISITOR), of(Member("zoe", False, 5)), "visitor", "zoe")
    _, told = linked(of(ACCOUNT), chain, "account", "visitor")
    assert (told.lead_before_a, told.lead_before_b, told.lead_after) == (
        "account",
        "zoe",
        "account",
    )
    assert (told.evidence, told.caused_by, told.made_at_ms) == (CARRIED, "sign-in", 100)


def test_members_are_rebuilt_from_links_alone() -> None:
    both, told = linked(of(VISITOR), of(ACCOUNT), "visitor", "account")
    other = Event(type="media.paused")
    refused = Event(type=LINKED)
    found = rebuilt([other, refused, event(told), event(told)])
    assert found["visitor"] == found["account"]
    assert found["account"].members == both.members
    assert [link.evidence.identifier_type for link in found["account"].links] == [""]


def event(told: SubjectsLinked) -> Event:
    return Event(type=LINKED, interaction=Interaction(subjects_linked=told))


NAMES = "abcdefg"
PAIRS = some.lists(
    some.tuples(some.sampled_from(NAMES), some.sampled_from(NAMES)), min_size=1, max_size=8
)


def made_in(
    order: Sequence[tuple[str, str]], account: str
) -> tuple[dict[str, Customer], list[Event]]:
    """The customers and events of these links, one after the other."""
    customers = {name: of(Member(name, name == account, 50 - ord(name) % 3)) for name in NAMES}
    events = []
    for ends in order:
        one, other = (customers[end] for end in ends)
        link = decide(one, other, *ends)
        if isinstance(link, Link):
            events.append(event(linked_event(one, other, link)))
            after = joined(one, other, link)
            customers.update(dict.fromkeys(after.subject_ids, after))
    return customers, events


@settings(max_examples=25)
@given(pairs=PAIRS, account=some.sampled_from(NAMES), draw=some.randoms(use_true_random=False))
def test_members_and_lead_are_the_same_in_whatever_order_links_are_made(
    pairs: list[tuple[str, str]], account: str, draw: object
) -> None:
    customers, events = made_in(pairs, account)
    shuffled = [(b, a) for a, b in pairs]
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    others, _ = made_in(shuffled, account)
    assert others == customers
    # The events alone say the same, in any order and more than once.
    draw.shuffle(events)  # type: ignore[attr-defined]
    found = rebuilt([*events, *events])
    assert {name: customer.subject_ids for name, customer in found.items()} == {
        name: customer.subject_ids
        for name, customer in customers.items()
        if len(customer.members) > 1
    }
    for name, customer in found.items():
        assert customer.membership == customers[name].membership
        assert lead_of(customer) == lead_of(customers[name])
        assert customer.members == customers[name].members
