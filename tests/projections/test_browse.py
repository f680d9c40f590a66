"""Products looked at: the latest hundred, each once, newest first."""

import projections
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.interactions_pb2 import Money, Product, ProductViewed
from journey.v1.journeys_pb2 import BrowseItemState
from projections import thresholds
from tests.projections.acts import Device, Story, clock, fold, frozen, joined

MAIN = "browse/main"


def view(device: Device, sku: str, at: str, **shown: object) -> None:
    body = ProductViewed(product=Product(sku=sku, name=sku.upper()), **shown)  # type: ignore[arg-type]
    device.record("browse/", body, clock(at))


def items(story: Story) -> list[BrowseItemState]:
    return [*story.journey(MAIN).browse.items]


def test_products_stand_newest_first_and_each_once() -> None:
    story = Story()
    phone, laptop = story.device("phone"), story.device("laptop")
    view(phone, "a", "20:00")
    view(phone, "b", "20:01")
    view(laptop, "c", "19:00")
    view(phone, "a", "20:02")
    assert [each.product.sku for each in items(story)] == ["a", "b", "c"]


def test_a_product_shows_what_was_told_at_the_latest_look() -> None:
    story = Story()
    phone, laptop = story.device("phone"), story.device("laptop")
    price = Money(currency="EUR", units=5)
    view(laptop, "a", "20:10", unit_price=price, availability=ProductViewed.AVAILABILITY_LOW)
    view(phone, "a", "20:00", availability=ProductViewed.AVAILABILITY_OUT)
    (item,) = items(story)
    assert item == BrowseItemState(
        product=Product(sku="a", name="A"),
        unit_price=price,
        availability=ProductViewed.AVAILABILITY_LOW,
        viewed_at_ms=clock("20:10"),
    )


def test_an_unknown_availability_folds_as_unspecified() -> None:
    story = Story()
    view(story.device("phone"), "a", "20:00", availability=99)
    assert items(story)[0].availability == ProductViewed.AVAILABILITY_UNSPECIFIED


def test_a_look_at_nothing_leaves_nothing() -> None:
    story = Story()
    story.device("phone").record(MAIN, ProductViewed(), clock("20:00"))
    assert items(story) == []


def looked_at(count: int) -> Story:
    story = Story()
    phone = story.device("phone")
    for number in range(count):
        body = ProductViewed(product=Product(sku=f"{number:03}"))
        phone.record(MAIN, body, clock("20:00") + number)
    return story


def test_the_hundred_and_first_product_pushes_the_oldest_out_for_good() -> None:
    story = looked_at(thresholds.BROWSE_ITEMS_MOST + 5)
    states = fold(story.events)
    assert len(states[MAIN].browse.items) == thresholds.BROWSE_ITEMS_MOST
    assert len(items(story)) == thresholds.BROWSE_ITEMS_MOST
    assert items(story)[-1].product.sku == "005"
    before = frozen(states)
    projections.fold_event(states, story.events[0])
    assert frozen(states) == before


def test_forgetting_early_changes_no_byte_of_what_is_joined_later() -> None:
    story = looked_at(thresholds.BROWSE_ITEMS_MOST + 20)
    whole = frozen(fold(story.events))
    parts: list[dict[str, JourneyFold]] = [
        fold(story.events[start : start + 40]) for start in range(0, len(story.events), 20)
    ]
    assert frozen(joined(parts)) == whole
    assert frozen(joined(parts[::-1])) == whole


def test_what_was_looked_at_is_never_offered() -> None:
    story = Story()
    view(story.device("phone"), "a", "20:00")
    assert story.continue_list(clock("20:01")) == []
    idle_ms = clock("20:00") + thresholds.ARCHIVE_AFTER_MS
    assert projections.archived(story.journey(MAIN), idle_ms)
