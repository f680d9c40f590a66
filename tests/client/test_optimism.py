"""Own acts on top of the service's copy look as they will look when the service has them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import projections
from journey.v1.events_pb2 import Event
from journey.v1.interactions_pb2 import (
    InputSaved,
    InputValue,
    JourneyMarked,
    ListItemAdded,
    ListItemRemoved,
    MediaProgressed,
    PreferenceSet,
    Product,
    ReadingPositionSet,
    SearchPerformed,
)
from journey.v1.journeys_pb2 import Journey
from journey_client import JourneyKey
from journey_client._kept import Item
from journey_client._optimism import Self, continue_list, newest_ms, shown_journeys
from tests.projections.acts import Story, clock, fold
from tests.projections.histories import ALL_ACTS

STATED = PreferenceSet.SOURCE_STATED
OWN = Self("phone", "phone")
FILM, CART, WISH = (
    JourneyKey("media", "film"),
    JourneyKey("cart", "main"),
    JourneyKey("list", "wish"),
)


def published(events: list[Event]) -> dict[JourneyKey, Journey]:
    return {
        JourneyKey(*key.split("/", 1)): projections.publish(state)
        for key, state in fold(events).items()
    }


def item(event: Event) -> Item:
    return Item(event.interaction, subject_id="anna", t_ms=event.occurrence.t_ms)


def shown(story: Story, known: int) -> dict[JourneyKey, Journey]:
    """What the phone shows that has a copy of the first events and did the others itself."""
    copy = published(story.events[:known])
    return shown_journeys(copy, [item(event) for event in story.events[known:]], OWN)


def test_a_copy_without_own_acts_is_shown_as_it_is() -> None:
    story = Story()
    story.device("tv").play("00:00", "20:00").pause("30:00", "20:30")
    copy = published(story.events)
    assert shown_journeys(copy, [], OWN) == copy


def test_quantities_take_deltas_and_sets_and_removals() -> None:
    story = Story()
    tv, phone = story.device("tv"), story.device("phone")
    tv.add("tea", 2, "20:00")
    tv.add("milk", 1, "20:00")
    tv.add("bread", 4, "20:00")
    phone.add("tea", 1, "21:00")
    phone.set("milk", 7, "21:01")
    phone.remove("bread", "21:02")
    phone.add("bread", 1, "21:03")
    found = {line.line_key: line.quantity for line in shown(story, 3)[CART].cart.lines}
    assert found == {"tea": 3, "milk": 7, "bread": 1} == story.quantities()


def test_tags_gain_and_lose_their_item() -> None:
    story = Story()
    tv, phone = story.device("tv"), story.device("phone")
    for sku in ("tea", "milk"):
        tv.record("list/wish", ListItemAdded(product=Product(sku=sku)), clock("20:00"))
    phone.record("list/wish", ListItemRemoved(item_key="tea"), clock("21:00"))
    phone.record("list/wish", ListItemAdded(product=Product(sku="jam")), clock("21:01"))
    found = [each.item_key for each in shown(story, 2)[WISH].list.items]
    assert sorted(found) == ["jam", "milk"] == sorted(e.item_key for e in story.items().items)


@pytest.mark.parametrize("known", [0, 1, 2, 3])
def test_a_report_moves_the_point_from_wherever_the_copy_stands(known: int) -> None:
    story = Story()
    run = story.device("phone").play("00:00", "20:00")
    run.progress("10:00", "20:10")
    run.progress("20:00", "20:20")
    run.pause("25:00", "20:25")
    media = shown(story, known)[FILM].media
    assert media.point_ms == story.media().point_ms
    assert (media.speed, media.furthest_ms) == (0, story.media().furthest_ms)


def test_an_old_offline_pause_does_not_move_back_what_another_device_played_later() -> None:
    story = Story()
    tv, phone = story.device("tv"), story.device("phone")
    tv.play("00:00", "20:10").pause("50:00", "21:00")
    phone.play("00:00", "19:50").pause("10:00", "20:00")
    assert shown(story, 2)[FILM].media.point_ms == 3_000_000


def test_marks_finish_and_hide_at_once() -> None:
    story = Story()
    phone = story.device("phone")
    story.device("tv").play("00:00", "20:00").pause("30:00", "20:30")
    phone.mark(JourneyMarked.MARK_FINISHED, "20:40")
    finished = shown(story, 2)[FILM]
    assert finished.finished
    assert (finished.media.start_ms, finished.media.watch_count) == (0, 1)
    phone.mark(JourneyMarked.MARK_UNFINISHED, "20:41")
    assert not shown(story, 3)[FILM].finished
    phone.mark(JourneyMarked.MARK_HIDDEN, "20:50")
    hidden = shown(story, 4)
    assert hidden[FILM].hidden
    assert continue_list(hidden, clock("21:00")) == ()


def test_an_own_journey_that_the_copy_does_not_hold_is_shown_and_listed() -> None:
    story = Story()
    story.device("phone").play("00:00", "20:00").pause("30:00", "20:30")
    found = shown(story, 0)
    assert found[FILM].media.point_ms == 1_800_000
    assert found[FILM].last_device_id == "phone"
    assert continue_list(found, clock("21:00")) == (FILM,)
    assert newest_ms(found[FILM]) == clock("20:30")
    assert newest_ms(None) == 0


def test_registers_of_other_kinds_take_the_own_value_and_keep_the_rest() -> None:
    story = Story()
    tv, phone = story.device("tv"), story.device("phone")
    tv.record("search/main", SearchPerformed(query="shoes", sort="price"), clock("20:00"))
    tv.record("reading/book", ReadingPositionSet(locator="p 9", progress_ppm=9_000), clock("20:00"))
    tv.record(
        "preferences/main", PreferenceSet(key="size", value="M", source=STATED), clock("20:00")
    )
    tv.record(
        "preferences/main", PreferenceSet(key="fit", value="slim", source=STATED), clock("20:00")
    )
    saved = InputSaved(attempt=1, fields={"name": InputValue(text="Anna")})
    tv.record("form/visa", saved, clock("20:00"))
    phone.record("search/main", SearchPerformed(query="boots"), clock("21:00"))
    phone.record("reading/book", ReadingPositionSet(locator="p 10"), clock("21:00"))
    phone.record(
        "preferences/main", PreferenceSet(key="size", value="L", source=STATED), clock("21:00")
    )
    more = InputSaved(attempt=1, fields={"mail": InputValue(text="a@x.org")})
    phone.record("form/visa", more, clock("21:00"))
    found = shown(story, 5)
    assert found[JourneyKey("search", "main")].search.query == "boots"
    assert found[JourneyKey("reading", "book")].reading.locator == "p 10"
    entries = found[JourneyKey("preferences", "main")].preferences.entries
    assert {each.key: each.value for each in entries} == {"size": "L", "fit": "slim"}
    answers = found[JourneyKey("form", "visa")].form.answers
    assert {each.field: each.value for each in answers} == {"name": "Anna", "mail": "a@x.org"}


def test_what_the_service_decides_is_not_shown_before_it_decided() -> None:
    story = Story()
    event = story.device("phone").play("00:00", "20:00").report(MediaProgressed, "01:00", "20:01")
    event.interaction.ClearField("media_progressed")
    event.interaction.journey.kind = "order"
    event.interaction.order_placed.SetInParent()
    assert JourneyKey("order", "film") not in shown(story, 1)


@given(st.lists(st.tuples(ALL_ACTS, st.booleans()), max_size=12), st.integers(0, 12))
@settings(max_examples=120, deadline=None)
def test_any_acts_on_any_copy_give_something_to_show(
    acts: list[tuple[tuple[str, object], bool]], known: int
) -> None:
    story = Story()
    devices = story.device("tv"), story.device("phone")
    for number, ((journey, body), own) in enumerate(acts):
        devices[own].record(journey, body, clock("20:00") + number)  # type: ignore[arg-type]
    found = shown(story, known)
    assert published(story.events[:known]).keys() <= found.keys()
    assert all(journey.ref.kind == key.kind for key, journey in found.items())
