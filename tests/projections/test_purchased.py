"""The purchased set: units ordered and neither called off nor given back, by line key."""

from __future__ import annotations

from google.protobuf.message import Message

from journey.v1.events_pb2 import MachineOrder
from journey.v1.interactions_pb2 import (
    DeliveryUpdated,
    Line,
    OrderCancelled,
    OrderPlaced,
    Product,
    ReturnReceived,
    ReturnRequested,
)
from projections.views.purchased import Purchase, purchased
from tests.projections.acts import Story, clock, line


class Shop:
    """Records what happens to orders; each order has its own row of revs."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.back_end = story.back_end()
        self.revs: dict[str, int] = {}

    def record(self, order: str, body: Message, at: str) -> None:
        self.revs[order] = self.revs.get(order, 0) + 1
        machine = MachineOrder(home="anna", rev=self.revs[order])
        self.back_end.record(f"order/{order}", body, clock(at), machine=machine)

    def place(self, order: str, at: str, *lines: Line) -> None:
        self.record(order, OrderPlaced(lines=lines), at)

    def deliver(self, order: str, at: str, *lines: Line) -> None:
        for status in (DeliveryUpdated.STATUS_SHIPPED, DeliveryUpdated.STATUS_DELIVERED):
            self.record(order, DeliveryUpdated(lines=lines, status=status), at)


def bought(story: Story) -> dict[str, int]:
    return {each.line_key: each.quantity for each in purchased(story.journeys())}


def test_the_set_grows_with_orders_and_shrinks_with_what_is_called_off_or_given_back() -> None:
    story = Story()
    shop = Shop(story)
    shop.place("o1", "10:00", line("shirt", 2), line("shoes", 1))
    assert bought(story) == {"shirt": 2, "shoes": 1}
    shop.record("o1", OrderCancelled(lines=[line("shirt", 1)]), "10:10")
    assert bought(story) == {"shirt": 1, "shoes": 1}
    shop.deliver("o1", "11:00", line("shirt", 1), line("shoes", 1))
    shop.record("o1", ReturnRequested(return_id="r", lines=[line("shoes", 1)]), "12:00")
    assert bought(story) == {"shirt": 1, "shoes": 1}
    shop.record("o1", ReturnReceived(return_id="r", lines=[line("shoes", 1)]), "13:00")
    assert bought(story) == {"shirt": 1}


def test_units_of_several_orders_count_together_and_show_the_product_as_ordered_last() -> None:
    story = Story()
    shop = Shop(story)
    later = Line(product=Product(sku="shirt", name="New name"), quantity=3)
    shop.place("a", "20:00", later)
    shop.place("b", "10:00", line("shirt", 2), line("cap", 1))
    shop.place("c", "11:00", Line(product=Product(sku="rope"), quantity=250, unit="MMT"))
    assert purchased(story.journeys()) == [
        Purchase("cap", "C62", Product(sku="cap"), 1),
        Purchase("rope", "MMT", Product(sku="rope"), 250),
        Purchase("shirt", "C62", Product(sku="shirt", name="New name"), 5),
    ]


def test_who_ordered_nothing_has_bought_nothing() -> None:
    story = Story()
    story.device("phone").add("shirt", 1, "10:00")
    assert purchased(story.journeys()) == []
