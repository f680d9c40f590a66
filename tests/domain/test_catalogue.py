from __future__ import annotations

import pytest

from journey.v1.events_pb2 import Event
from journey.v1.interactions_pb2 import Custom, Interaction
from journey.v1.rules_pb2 import INTERACTION_CLASS_INTENT, INTERACTION_CLASS_TELEMETRY
from journey_service.domain.catalogue import (
    GROUPS,
    KINDS,
    TYPES,
    TYPES_BY_NAME,
    InteractionType,
    is_telemetry,
    type_of,
)
from journey_service.domain.options import fields_of, value_kinds, value_roles
from tests.domain.samples import pause


def test_every_body_is_a_type_and_no_two_have_one_name() -> None:
    bodies = Interaction.DESCRIPTOR.oneofs_by_name["body"].fields
    assert [found.field for found in TYPES.values()] == [body.name for body in bodies]
    assert len(TYPES_BY_NAME) == len(TYPES)


def test_a_type_is_found_by_its_body() -> None:
    found = type_of(pause(1))
    assert found is not None
    assert (found.name, found.field, found.message.name) == (
        "media.paused",
        "media_paused",
        "MediaPaused",
    )
    assert type_of(Interaction()) is None


def test_an_empty_journey_id_means_the_types_own() -> None:
    assert TYPES_BY_NAME["cart.line_added"].journey_ids == {"cart": "main"}
    assert TYPES_BY_NAME["input.saved"].journey_ids == {"cart": "main"}
    assert TYPES_BY_NAME["media.paused"].journey_ids == {}


def test_kinds_are_those_that_types_name() -> None:
    assert {"media", "cart", "list", "order"} <= KINDS
    assert not KINDS & {"*", "custom"}
    assert {"media", "cart", "custom"} <= GROUPS


def test_marks_belong_to_any_kind() -> None:
    assert TYPES_BY_NAME["journey.marked"].takes_any_kind
    assert not TYPES_BY_NAME["media.paused"].takes_any_kind


@pytest.mark.parametrize("found", TYPES.values(), ids=lambda found: found.name)
def test_restricted_values_lie_where_they_are_looked_for(found: InteractionType) -> None:
    """Directly in the body; one in a nested message would be restricted by nobody."""
    nested = [
        value.name
        for field in fields_of(found.message)
        if field.message_type is not None
        for inner in fields_of(field.message_type)
        if inner.enum_type is not None
        for value in inner.enum_type.values
        if value_roles(value) or value_kinds(value)
    ]
    assert nested == []


def test_telemetry_is_told_by_the_type_or_by_the_message_itself() -> None:
    def custom(stated: int) -> Event:
        body = Custom(interaction_class=stated)  # type: ignore[arg-type]
        return Event(type="custom", interaction=Interaction(custom=body))

    assert is_telemetry(Event(type="media.progressed"))
    assert not is_telemetry(Event(type="media.paused"))
    assert is_telemetry(custom(INTERACTION_CLASS_TELEMETRY))
    assert not is_telemetry(custom(INTERACTION_CLASS_INTENT))


def test_a_type_that_is_not_known_here_reorders_nothing() -> None:
    assert is_telemetry(Event(type="future.thing_done"))
