import pytest

from journey.v1 import errors_pb2 as reasons
from journey.v1.access_pb2 import ROLE_SERVICE
from journey.v1.interactions_pb2 import CartLineLimitSet, Interaction, JourneyMarked, PageViewed
from journey.v1.references_pb2 import JourneyRef
from journey_client.ids import event_id
from journey_service.domain.validation import Validation

OF_DEVICES = [
    Interaction(page_viewed=PageViewed(screen_id="home", page_kind=PageViewed.KIND_HOME)),
    Interaction(
        journey=JourneyRef(kind="media", journey_id="film"),
        journey_marked=JourneyMarked(mark=JourneyMarked.MARK_HIDDEN),
    ),
]


@pytest.mark.parametrize("sent", OF_DEVICES, ids=lambda sent: sent.WhichOneof("body"))
def test_only_who_brings_in_old_facts_may_speak_for_devices(sent: Interaction) -> None:
    validation = Validation()
    sent.event_id = event_id()
    now = validation.refusal_of(sent, ROLE_SERVICE)
    assert now is not None
    assert now.reason == reasons.ERROR_REASON_ACTOR_NOT_ALLOWED
    assert validation.refusal_of(sent, ROLE_SERVICE, old_facts=True) is None


def test_who_brings_in_old_facts_keeps_its_own_rights() -> None:
    sent = Interaction(
        event_id=event_id(),
        journey=JourneyRef(kind="cart", journey_id="main"),
        cart_line_limit_set=CartLineLimitSet(line_key="A", reason=CartLineLimitSet.REASON_STOCK),
    )
    assert Validation().refusal_of(sent, ROLE_SERVICE, old_facts=True) is None
