import projections
from journey.v1.interactions_pb2 import ListItemAdded, ListItemRemoved, Product
from projections import thresholds
from tests.projections.acts import Device, Story, clock, fold

WISH = "list/wish"


def put(device: Device, at: str, seen: int | None = None, **fields: object) -> None:
    body = ListItemAdded(**fields)  # type: ignore[arg-type]
    device.record(WISH, body, clock(at), seen=seen)


def keys(story: Story) -> list[str]:
    return [item.item_key for item in story.items().items]


def test_items_are_named_by_what_they_are_where_no_key_is_given() -> None:
    story = Story()
    phone = story.device("phone")
    put(phone, "20:00", product=Product(sku="shirt"))
    put(phone, "20:01", content_id="film")
    put(phone, "20:02", search_id="jackets")
    put(phone, "20:03", item_key="own", product=Product(sku="shirt"))
    put(phone, "20:04", item_key="bare")
    kinds = {item.item_key: item.WhichOneof("item") for item in story.items().items}
    assert kinds == {
        "bare": None,
        "film": "content_id",
        "jackets": "search_id",
        "own": "product",
        "shirt": "product",
    }


def test_items_stand_by_order_key_and_those_without_at_the_end() -> None:
    story = Story()
    phone = story.device("phone")
    put(phone, "20:00", content_id="none")
    put(phone, "20:01", content_id="second", order_key="b")
    put(phone, "20:02", content_id="first", order_key="a")
    put(phone, "20:03", content_id="also", order_key="a")
    put(phone, "20:04", content_id="last")
    assert keys(story) == ["also", "first", "second", "last", "none"]


def test_an_item_shows_its_latest_entry_and_the_time_of_its_first() -> None:
    story = Story()
    phone, laptop = story.device("phone"), story.device("laptop")
    put(laptop, "20:10", product=Product(sku="a", name="New"), note="later", order_key="1")
    put(phone, "20:00", product=Product(sku="a", name="Old"), note="earlier")
    (item,) = story.items().items
    assert (item.product.name, item.note, item.order_key) == ("New", "later", "1")
    assert item.added_at_ms == clock("20:00")


def test_an_item_that_was_removed_and_added_again_is_new() -> None:
    story = Story()
    phone = story.device("phone")
    put(phone, "20:00", content_id="film", note="old")
    phone.record(WISH, ListItemRemoved(item_key="film"), clock("20:01"))
    assert keys(story) == []
    put(phone, "20:02", content_id="film")
    (item,) = story.items().items
    assert (item.note, item.added_at_ms) == ("", clock("20:02"))


def test_long_lists_are_cut_to_their_newest_items() -> None:
    story = Story()
    phone = story.device("phone")
    for number in range(thresholds.ENTRIES_MOST + 1):
        body = ListItemAdded(content_id=f"{number:04}")
        phone.record(WISH, body, clock("20:00") + number)
    published = projections.publish(fold(story.events)[WISH]).list
    assert published.more
    assert [published.items[0].item_key, published.items[-1].item_key] == ["0001", "1000"]
    assert len(published.items) == thresholds.ENTRIES_MOST


def test_lists_are_never_finished_and_not_in_the_continue_list() -> None:
    story = Story()
    put(story.device("phone"), "20:00", content_id="film")
    journey = story.journey(WISH)
    assert (journey.finished, journey.activity.t_ms) == (False, clock("20:00"))
    assert story.continue_list(clock("20:01")) == []
    assert projections.archived(journey, clock("20:00") + thresholds.ARCHIVE_AFTER_MS)
