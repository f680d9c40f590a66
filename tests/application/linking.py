"""People who become one customer, on the stage in memory and on a database."""

from __future__ import annotations

from journey.v1.events_pb2 import ACTOR_KIND_SYSTEM, Actor
from journey.v1.interactions_pb2 import ASSURANCE_VERIFIED, Interaction, LinkEvidence
from journey_service.domain.arrival import content_hash
from journey_service.domain.batch import Batch, Candidate
from journey_service.domain.catalogue import type_of
from journey_service.domain.customers import (
    Link,
    Member,
    event_id_of,
    joined,
    link_between,
    linked_event,
)
from tests.application.scene import Scene

EVIDENCE = LinkEvidence(kind=LinkEvidence.KIND_CARRIED_OVER, identifier_type="installation")


async def link(stage: Scene, one: str, other: str, *accounts: str) -> Link:
    """Link two subjects now; `accounts` of them hold one. As sign-in does, without the carts."""
    identities, journal = stage.store.identities, stage.store.journal
    now_ms = stage.application.now_ms()
    before = []
    for end in (one, other):
        customer = await identities.customer(end)
        if end in accounts:
            began_ms = customer.member(end).created_at_ms
            customer = customer.with_member(Member(end, True, began_ms))
        before.append(customer)
    mine, theirs = before
    made = link_between(
        mine,
        theirs,
        (one, other),
        evidence=EVIDENCE,
        assurance=ASSURANCE_VERIFIED,
        made_at_ms=now_ms,
    )
    assert isinstance(made, Link)
    batches = []
    for end in (one, other):
        told = Interaction(
            event_id=event_id_of(made.link_id, end),
            subjects_linked=linked_event(mine, theirs, made),
        )
        found = type_of(told)
        assert found is not None
        batches.append(
            Batch(
                subject_id=end,
                installation_id="",
                candidates=(Candidate(told, found.name, content_hash(told)),),
                received_ms=now_ms,
                actor=Actor(kind=ACTOR_KIND_SYSTEM),
                sequenced=False,
                atomic=True,
                expected_version=(await journal.stream_head(end)).version,
            )
        )
    await identities.link(batches, before, joined(mine, theirs, made), [made])
    return made
