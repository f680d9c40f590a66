"""Custom kinds: fields that a deployment declares, each with one of the commutative parts."""

import json
from typing import Any

import pytest

import projections
from journey.v1.interactions_pb2 import Custom, JourneyMarked
from journey.v1.journeys_pb2 import Journey
from journey.v1.rules_pb2 import (
    INTERACTION_CLASS_INTENT,
    INTERACTION_CLASS_TELEMETRY,
    INTERACTION_CLASS_UNSPECIFIED,
    InteractionClass,
)
from projections import thresholds
from projections.journeys.custom import Condition, CustomKind, Part, custom_kind
from tests.projections.acts import QUEST, Device, Story, clock, fold

GARDEN = "quest/garden"


def tell(
    device: Device,
    at: str,
    fields: dict[str, Any] | str,
    *,
    seen: int | None = None,
    journey: str = GARDEN,
    stated: InteractionClass = INTERACTION_CLASS_INTENT,
) -> None:
    text = fields if isinstance(fields, str) else json.dumps(fields)
    body = Custom(name="quest.moved", interaction_class=stated, json=text)
    device.record(journey, body, clock(at), seen=seen)


def state(story: Story, journey: str = GARDEN) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(story.journey(journey).custom.json)
    return found


# --- the five parts ------------------------------------------------------------------------------


def test_a_latest_field_holds_what_was_told_last_of_whatever_form() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    tell(tv, "20:10", {"hero": {"name": "Zoé", "lives": [1, 2.5, None, True]}})
    tell(phone, "20:00", {"hero": "nobody"}, seen=0)
    assert state(story) == {"hero": {"name": "Zoé", "lives": [1, 2.5, None, True]}}
    assert [*story.journey(GARDEN).conflicts] == []


def test_a_field_with_conflicts_tells_the_losing_values() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    tell(phone, "20:00", {"stage": "gate"}, seen=0)
    tell(tv, "20:01", {"stage": ["cave", 2]}, seen=0)
    assert state(story) == {"stage": ["cave", 2]}
    (conflict,) = story.journey(GARDEN).conflicts
    assert (conflict.field, conflict.json) == ("stage", '"gate"')
    tell(phone, "20:02", {"stage": "tower"})
    assert [*story.journey(GARDEN).conflicts] == []


def test_a_max_field_holds_the_greatest_whole_number_ever_told() -> None:
    story = Story()
    phone = story.device("phone")
    for minute, level in enumerate([3, 7, 5, 9.5, True, "12", 2**70]):
        tell(phone, f"20:0{minute}", {"level": level})
    assert state(story) == {"level": 7}


def test_items_that_were_added_unseen_survive_their_removal() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    tell(phone, "20:00", {"badges": {"add": ["b", "a"]}})
    tell(tv, "20:01", {"badges": {"add": ["a"]}}, seen=0)
    tell(phone, "20:02", {"badges": {"remove": ["a", "b", "never"]}}, seen=1)
    assert state(story) == {"badges": ["a"]}
    tell(phone, "20:03", {"badges": {"remove": ["a"], "add": ["c", 7, None]}})
    assert state(story) == {"badges": ["c"]}


def test_a_quantity_counts_adds_on_top_of_the_last_set_and_never_falls_below_zero() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    tell(phone, "20:00", {"coins": {"add": 5}})
    tell(phone, "20:01", {"coins": {"set": 2}})
    tell(tv, "20:02", {"coins": {"add": 4}}, seen=0)
    assert state(story) == {"coins": 6}
    tell(tv, "20:03", {"coins": {"add": -100}})
    assert state(story) == {"coins": 0}
    tell(tv, "20:04", {"coins": {"set": 3, "add": 50}})
    assert state(story) == {"coins": 3}


def test_each_field_of_an_act_goes_its_own_way() -> None:
    story = Story()
    fields = {"stage": "gate", "level": 2, "coins": {"add": 1}, "badges": {"add": ["a"]}, "x": 1}
    tell(story.device("phone"), "20:00", fields)
    assert state(story) == {"stage": "gate", "level": 2, "coins": 1, "badges": ["a"]}


# --- any input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1]",
        "{",
        '{"stage": NaN}',
        '{"stage": 1e999}',
        '{"stage": 1, "stage": 2}',
        '{"stage": ' + "[" * 5_000,
        '{"stage": ' + "[" * 17 + "]" * 17 + "}",
        '{"\\ud800": 1}',
        '{"badges": {"add": "a", "remove": 3}}',
        '{"coins": {"add": 1.5, "set": null}}',
        '{"badges": {"add": ["\\udfff"]}}',
    ],
    ids=lambda text: text[:40] or "nothing",
)
def test_what_cannot_be_understood_changes_no_field(text: str) -> None:
    story = Story()
    tell(story.device("phone"), "20:00", text)
    assert state(story) == {}
    assert not story.folds()[GARDEN].custom.fields


def test_half_a_character_in_a_value_is_kept_as_json_writes_it() -> None:
    story = Story()
    tell(story.device("phone"), "20:00", '{"stage": "\\ud800"}')
    assert story.journey(GARDEN).custom.json == '{"stage":"\\ud800"}'


def test_equal_values_written_in_two_ways_are_one() -> None:
    story = Story()
    tell(story.device("phone"), "20:00", '{"stage": {"b": 1, "a": "\\u00e9"}}', seen=0)
    tell(story.device("tv"), "20:01", '{ "stage" :{"a":"é","b":1}}', seen=0)
    assert [*story.journey(GARDEN).conflicts] == []


def test_a_field_in_the_form_of_another_part_is_not_there() -> None:
    story = Story()
    phone = story.device("phone")
    tell(phone, "20:00", {"stage": {"add": 1}, "level": "x", "badges": 3, "coins": "many"})
    assert state(story) == {}


def test_many_items_are_cut_to_the_newest_and_to_what_fits() -> None:
    story = Story()
    phone = story.device("phone")
    for number in range(thresholds.ENTRIES_MOST + 1):
        body = Custom(name="quest.moved", json=f'{{"badges": {{"add": ["{number:04}"]}}}}')
        phone.record(GARDEN, body, clock("20:00") + number, seen=0).cut.ClearField("before")
    journey = projections.publish(fold(story.events)[GARDEN])
    shown = json.loads(journey.custom.json)["badges"]
    assert shown == sorted(shown)
    assert shown[-1] == "1000"
    assert 0 < len(shown) <= thresholds.ENTRIES_MOST
    assert journey.ByteSize() < thresholds.CUSTOM_FIELD_BYTES


# --- class, finished, listed, archived -----------------------------------------------------------


def test_an_intent_counts_as_activity_and_telemetry_moves_the_state_alone() -> None:
    story = Story()
    phone, tv = story.device("phone"), story.device("tv")
    tell(phone, "20:00", {"stage": "gate"})
    tell(tv, "20:10", {"level": 2}, stated=INTERACTION_CLASS_TELEMETRY)
    tell(tv, "20:20", {"level": 3}, stated=INTERACTION_CLASS_UNSPECIFIED)
    garden = story.journey(GARDEN)
    assert (garden.activity.t_ms, garden.last_device_id) == (clock("20:00"), "phone")
    assert garden.updated_at_ms == clock("20:20")
    assert state(story) == {"stage": "gate", "level": 3}


def test_a_custom_journey_is_listed_and_finished_by_its_declared_conditions() -> None:
    story = Story()
    phone = story.device("phone")
    tell(phone, "20:00", {"level": 9})
    assert story.continue_list(clock("20:30")) == []
    tell(phone, "20:01", {"stage": "gate"})
    assert story.continue_list(clock("20:30")) == [GARDEN]
    tell(phone, "20:02", {"level": 10})
    assert not story.journey(GARDEN).finished
    tell(phone, "20:03", {"hero": None})
    assert story.journey(GARDEN).finished
    assert story.continue_list(clock("20:30")) == []


def test_a_custom_journey_is_archived_after_its_declared_time_and_can_be_hidden() -> None:
    story = Story()
    phone = story.device("phone")
    tell(phone, "20:00", {"stage": "gate"})
    idle_ms = clock("20:00") + QUEST.archive_after_ms
    assert story.continue_list(idle_ms - 1) == [GARDEN]
    assert story.continue_list(idle_ms) == []
    phone.mark(JourneyMarked.MARK_HIDDEN, "20:10", GARDEN)
    assert story.continue_list(clock("20:30")) == []


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        (Condition("x", at_least=2), 2, True),
        (Condition("x", at_least=2), 1, False),
        (Condition("x", at_least=1), True, False),
        (Condition("x", at_least=1), "2", False),
        (Condition("x", equals="yes"), "yes", True),
        (Condition("x", equals="yes"), "no", False),
        (Condition("x", equals=1), True, False),
        (Condition("x", equals=True), True, True),
        (Condition("x", present=True), None, True),
        (Condition("x", present=False), None, False),
        (Condition("y", present=False), 1, True),
        (Condition("y", at_least=1), 1, False),
    ],
)
def test_conditions_compare_values_of_their_own_type_alone(
    condition: Condition, value: object, holds: bool
) -> None:
    assert condition.holds({"x": value}) is holds


def test_of_no_conditions_nothing_holds() -> None:
    kind = custom_kind(CustomKind("bare", {}))
    assert not kind.listed(Journey())


# --- declarations --------------------------------------------------------------------------------


def test_what_was_recorded_before_a_declaration_shows_with_it_and_not_without() -> None:
    story = Story()
    tell(story.device("phone"), "20:00", {"mood": "fine", "age": 3}, journey="pet/rex")
    assert state(story, "pet/rex") == {}
    assert story.continue_list(clock("20:30")) == []
    pet = CustomKind("pet", {"mood": Part.LATEST}, listed=(Condition("mood", equals="fine"),))
    projections.declare([custom_kind(QUEST), custom_kind(pet)])
    assert state(story, "pet/rex") == {"mood": "fine"}
    assert story.continue_list(clock("20:30")) == ["pet/rex"]
    projections.declare([custom_kind(QUEST)])
    assert state(story, "pet/rex") == {}
    assert "pet" not in projections.KINDS


def test_a_built_in_kind_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="cart, media: built in"):
        projections.declare([custom_kind(CustomKind(name, {})) for name in ("media", "cart")])
    assert set(projections.KINDS) == projections.JOURNEYS.built_in | {"quest"}


@pytest.mark.parametrize(("kind", "journey_id"), [("a/b", "x"), ("", "x"), ("quest", "")])
def test_a_journey_whose_name_cannot_stand_in_a_key_is_none(kind: str, journey_id: str) -> None:
    story = Story()
    tell(story.device("phone"), "20:00", {"stage": "gate"})
    ref = story.events[0].interaction.journey
    ref.kind, ref.journey_id = kind, journey_id
    assert projections.keys_of(story.events[0]) == ()
