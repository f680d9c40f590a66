"""Preferences: what was stated goes before what was inferred; losing values are told."""

import projections
from journey.v1.interactions_pb2 import PreferenceSet
from projections import thresholds
from tests.projections.acts import Device, Story, clock, fold

MAIN = "preferences/main"
STATED, INFERRED = PreferenceSet.SOURCE_STATED, PreferenceSet.SOURCE_INFERRED


def prefer(
    device: Device,
    key: str,
    value: str,
    at: str,
    source: PreferenceSet.Source = STATED,
    seen: int | None = None,
) -> None:
    device.record(
        "preferences/", PreferenceSet(key=key, value=value, source=source), clock(at), seen=seen
    )


def values(story: Story) -> dict[str, tuple[str, int]]:
    entries = story.journey(MAIN).preferences.entries
    return {each.key: (each.value, each.source) for each in entries}


def conflicts(story: Story) -> list[tuple[str, str]]:
    return [(each.field, each.json) for each in story.journey(MAIN).conflicts]


def test_preferences_stand_by_key_with_what_was_set_last() -> None:
    story = Story()
    phone, laptop = story.device("phone"), story.device("laptop")
    prefer(laptop, "size", "43", "20:10")
    prefer(phone, "size", "42", "20:00", seen=0)
    prefer(phone, "channel", "email", "20:01")
    assert values(story) == {"channel": ("email", STATED), "size": ("43", STATED)}
    entry = story.journey(MAIN).preferences.entries[1]
    assert entry.set_at_ms == clock("20:10")


def test_what_is_stated_goes_before_what_is_inferred_later() -> None:
    story = Story()
    prefer(story.device("phone"), "size", "42", "20:00")
    prefer(story.back_end(), "size", "44", "21:00", INFERRED)
    assert values(story) == {"size": ("42", STATED)}
    assert conflicts(story) == []


def test_what_was_stated_and_cleared_shows_what_is_inferred() -> None:
    story = Story()
    phone = story.device("phone")
    prefer(story.back_end(), "size", "44", "19:00", INFERRED)
    prefer(phone, "size", "42", "20:00")
    prefer(phone, "size", "", "20:01")
    assert values(story) == {"size": ("44", INFERRED)}
    prefer(story.back_end(), "size", "", "20:02", INFERRED)
    assert values(story) == {}


def test_values_set_at_the_same_time_leave_a_conflict_until_somebody_decides() -> None:
    story = Story()
    phone, laptop = story.device("phone"), story.device("laptop")
    prefer(phone, "size", "42", "20:00", seen=0)
    prefer(laptop, "size", "43", "20:01", seen=0)
    assert values(story) == {"size": ("43", STATED)}
    assert conflicts(story) == [("size", '"42"')]
    occurrence = story.journey(MAIN).conflicts[0].occurrence
    assert (occurrence.t_ms, occurrence.installation_id) == (clock("20:00"), "phone")
    prefer(phone, "size", "42", "20:02")
    assert values(story) == {"size": ("42", STATED)}
    assert conflicts(story) == []


def test_the_same_value_set_twice_at_the_same_time_is_no_conflict() -> None:
    story = Story()
    prefer(story.device("phone"), "size", "42", "20:00", seen=0)
    prefer(story.device("laptop"), "size", "42", "20:01", seen=0)
    assert conflicts(story) == []


def test_the_five_newest_losing_values_are_told_newest_first() -> None:
    story = Story()
    for number in range(8):
        prefer(story.device(f"device-{number}"), "size", str(number), f"20:0{number}", seen=0)
    told = [f'"{number}"' for number in (6, 5, 4, 3, 2)]
    assert conflicts(story) == [("size", each) for each in told]


def test_preferences_are_never_offered_and_never_finished() -> None:
    story = Story()
    prefer(story.device("phone"), "size", "42", "20:00")
    assert story.continue_list(clock("20:01")) == []
    assert not story.journey(MAIN).finished
    idle_ms = clock("20:00") + thresholds.ARCHIVE_AFTER_MS
    assert projections.archived(story.journey(MAIN), idle_ms)


def test_many_preferences_are_cut_to_the_newest() -> None:
    story = Story()
    phone = story.device("phone")
    for number in range(thresholds.ENTRIES_MOST + 1):
        body = PreferenceSet(key=f"{number:04}", value="x", source=STATED)
        phone.record(MAIN, body, clock("20:00") + number)
    state = projections.publish(fold(story.events)[MAIN]).preferences
    assert state.more
    assert len(state.entries) == thresholds.ENTRIES_MOST
    assert state.entries[0].key == "0001"
