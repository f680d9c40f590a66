from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from journey.v1.interactions_pb2 import (
    CartMerged,
    InputSaved,
    InputValue,
    Line,
    MediaPaused,
    Product,
)
from journey.v1.journey_service_pb2 import RecordRequest
from journey_service.domain.walk import Visit, personal, walk


class Names:
    """Chooses the fields of one name and keeps what stands in them."""

    def __init__(self, name: str) -> None:
        self.name, self.found = name, list[Any]()

    def __call__(self, field: FieldDescriptor) -> Visit | None:
        return self._keep if field.name == self.name else None

    def _keep(self, _: Message, value: Any) -> bool:
        self.found.append(value)
        return bool(value == "right")


def test_where_no_field_is_chosen_there_is_nothing_to_walk() -> None:
    assert walk(MediaPaused.DESCRIPTOR, Names("sku")) is None
    assert walk(MediaPaused.DESCRIPTOR, personal) is None


def test_every_chosen_field_is_visited_in_lists_and_below() -> None:
    names = Names("sku")
    visit = walk(CartMerged.DESCRIPTOR, names)
    assert visit is not None
    lines = [Line(product=Product(sku=sku)) for sku in ("right", "wrong", "right")]
    assert visit(CartMerged(lines=[*lines, Line()]))
    assert names.found == ["right", "wrong", "right"]
    assert not visit(CartMerged(lines=[lines[1]]))


def test_every_value_of_a_map_is_visited() -> None:
    names = Names("text")
    visit = walk(InputSaved.DESCRIPTOR, names)
    assert visit is not None
    fields = {"a": InputValue(text="wrong"), "b": InputValue(text="right"), "c": InputValue()}
    assert visit(InputSaved(fields=fields))
    assert sorted(names.found) == ["right", "wrong"]


def test_the_interactions_of_a_call_are_not_walked() -> None:
    assert walk(RecordRequest.DESCRIPTOR, Names("event_id")) is None
