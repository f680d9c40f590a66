"""Who a customer is: its subjects and what joins them."""

from __future__ import annotations

import pytest

from journey.v1.access_pb2 import ROLE_DEVICE
from journey.v1.identity_pb2 import Customer
from journey.v1.identity_service_pb2 import GetCustomerRequest
from journey.v1.interactions_pb2 import ASSURANCE_VERIFIED, LinkEvidence
from journey_service.domain.errors import CustomerNotFound
from journey_service.domain.identity import Principal, subject_id_of_visitor
from tests.application.linking import link
from tests.application.scene import DEVELOPER, IDENTITY_KEY, Scene, added, scene


async def who(stage: Scene, subject_id: str = "", by: Principal = DEVELOPER) -> Customer:
    request = GetCustomerRequest(subject_id=subject_id)
    return (await stage.application.get_customer(by, request)).customer


@pytest.mark.parametrize("asked", ["mila", "visitor", "anon"])
async def test_any_member_names_all_members_and_links_in_the_order_in_which_they_were_made(
    asked: str,
) -> None:
    stage = await scene()
    for name in ("mila", "visitor", "anon"):
        await (await stage.device(name)).record(added("tea"))
        stage.pass_by(1_000)
    links = []
    for one, other in (("visitor", "mila"), ("anon", "visitor")):
        links.append(await link(stage, one, other, "mila"))
        stage.pass_by(1_000)
    found = await who(stage, asked)
    assert found.customer_id == "mila"
    assert [(each.subject_id, each.anonymous, each.version) for each in found.members] == [
        ("anon", True, 3),
        ("mila", False, 3),
        ("visitor", True, 4),
    ]
    streams = stage.store.journal.streams
    assert [each.created_at_ms for each in found.members] == [
        streams[each.subject_id].events[0].recorded_at_ms for each in found.members
    ]
    assert [(each.link_id, each.made_at_ms) for each in found.links] == [
        (each.link_id, each.made_at_ms) for each in links
    ]
    first = found.links[0]
    assert (first.subject_a, first.subject_b) == ("mila", "visitor")
    assert first.assurance == ASSURANCE_VERIFIED
    assert first.evidence == LinkEvidence.KIND_CARRIED_OVER
    assert not first.revoked_at_ms


async def test_who_is_linked_to_nobody_is_a_customer_by_itself() -> None:
    stage = await scene()
    device = await stage.device("mila")
    found = await who(stage, by=device.principal)
    assert (found.customer_id, len(found.links)) == ("mila", 0)
    assert [(each.subject_id, each.anonymous, each.version) for each in found.members] == [
        ("mila", False, 1)
    ]
    visitor = subject_id_of_visitor(IDENTITY_KEY, "phone", 0)
    await stage.device(visitor, installation_id="phone")
    assert (await who(stage, visitor)).members[0].anonymous


async def test_a_device_that_is_not_signed_in_learns_of_its_own_subject_alone() -> None:
    stage = await scene()
    for name in ("mila", "visitor"):
        await stage.device(name)
    await link(stage, "mila", "visitor", "mila")
    own = await who(stage, by=Principal(ROLE_DEVICE, "visitor", "visitor"))
    assert own.customer_id == "visitor"
    assert [each.subject_id for each in own.members] == ["visitor"]
    assert not own.links
    assert len((await who(stage, by=Principal(ROLE_DEVICE, "mila", "mila"))).members) == 2


async def test_of_nobody_it_is_said_that_there_is_nobody() -> None:
    with pytest.raises(CustomerNotFound):
        await who(await scene(), "nobody")
