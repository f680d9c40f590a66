"""What events that tell of links show to devices: nobody whom the caller does not see anyway."""

from __future__ import annotations

from collections.abc import Collection

from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_STAFF
from journey.v1.events_pb2 import Event
from journey.v1.interactions_pb2 import SubjectsLinked
from journey_service.domain.customers import LINKED
from journey_service.domain.identity import Principal

REJECTED = "identity.link_rejected"


def may_see(principal: Principal, event: Event, members: Collection[str]) -> bool:
    """Whether an event may be told to the caller, who sees the streams of these members: the link
    of a visitor that is not signed in names the account that it does not see."""
    if event.type != LINKED or principal.role != ROLE_DEVICE:
        return True
    linked = event.interaction.subjects_linked
    ends = {linked.subject_a, linked.subject_b}
    return ends <= set(members) or _is_account(principal.subject_id, linked)


def as_seen(principal: Principal, event: Event) -> Event:
    """The event as the caller gets it: who was not joined to somebody is not told who that is."""
    if event.type != REJECTED or principal.role not in {ROLE_DEVICE, ROLE_STAFF}:
        return event
    shown = Event()
    shown.CopyFrom(event)
    rejected = shown.interaction.link_rejected
    for end in ("subject_a", "subject_b"):
        if getattr(rejected, end) != event.subject_id:
            rejected.ClearField(end)
    return shown


def _is_account(subject_id: str, linked: SubjectsLinked) -> bool:
    """Whether a subject is an end of the link that holds an account: it sees all of its customer,
    also where it asks for its own stream alone."""
    return (subject_id, True) in {
        (linked.subject_a, linked.registered_a),
        (linked.subject_b, linked.registered_b),
    }
