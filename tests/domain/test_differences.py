from __future__ import annotations

from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import DoubleValue, Int64Value, StringValue
from hypothesis import given

import projections
from journey.v1.events_pb2 import Event
from journey.v1.interactions_pb2 import (
    CHANNEL_TV_APP,
    CHANNEL_WEB,
    InputSaved,
    InputValue,
    Line,
    Product,
)
from journey.v1.journeys_pb2 import (
    BrowseItemState,
    BrowseState,
    CartLineState,
    CartState,
    ConversationMessageState,
    ConversationState,
    Journey,
    MediaPlace,
    MediaState,
    OrderMoveState,
    OrderState,
    SearchState,
    SeriesMemberState,
    SeriesState,
)
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.differences import Change, differences
from tests.projections.acts import fold
from tests.projections.histories import examples, histories


def told(before: object, after: object, **options: object) -> list[tuple[str, str, str]]:
    """Path and both values of each change."""
    found = differences(before, after, **options)  # type: ignore[arg-type]
    return [(change.path, change.before_json, change.after_json) for change in found]


def cart(*lines: tuple[str, int]) -> CartState:
    return CartState(lines=[CartLineState(line_key=key, quantity=count) for key, count in lines])


def test_equal_messages_have_no_differences() -> None:
    assert differences(Journey(rev=1), Journey(rev=1)) == []
    assert differences(None, None) == []


def test_a_leaf_that_differs_is_named_by_its_path_with_both_values() -> None:
    before = Journey(media=MediaState(point_ms=1_000), hidden=True, last_channel=CHANNEL_WEB)
    after = Journey(media=MediaState(point_ms=2_000), last_channel=CHANNEL_TV_APP)
    assert told(before, after) == [
        ("media.point_ms", '"1000"', '"2000"'),
        ("hidden", "true", ""),
        ("last_channel", '"CHANNEL_WEB"', '"CHANNEL_TV_APP"'),
    ]


def test_of_a_message_that_is_on_one_side_alone_every_leaf_is_different() -> None:
    journey = Journey(ref=JourneyRef(kind="media", journey_id="film"), finished=True)
    leaves = [("ref.kind", '"media"'), ("ref.journey_id", '"film"'), ("finished", "true")]
    assert told(None, journey) == [(path, "", value) for path, value in leaves]
    assert told(journey, None) == [(path, value, "") for path, value in leaves]


def test_an_empty_message_is_something_else_than_none() -> None:
    assert told(None, Empty()) == [("", "", "{}")]
    assert told(Journey(cart=CartState()), Journey()) == [("cart", "{}", "")]


def test_a_tracked_zero_is_something_else_than_unset() -> None:
    before, after = SearchState(result_count=0), SearchState()
    assert told(before, after) == [("result_count", "0", "")]


def test_items_of_a_list_are_compared_by_their_names() -> None:
    before, after = cart(("tea", 1), ("rug", 1)), cart(("mug", 4), ("tea", 2), ("rug", 1))
    assert told(before, after) == [
        ('lines["tea"].quantity', '"1"', '"2"'),
        ('lines["mug"].line_key', "", '"mug"'),
        ('lines["mug"].quantity', "", '"4"'),
    ]


def test_items_that_changed_places_are_one_change() -> None:
    before, after = cart(("tea", 1), ("rug", 1)), cart(("rug", 1), ("tea", 1))
    assert told(before, after) == [("lines", '["tea","rug"]', '["rug","tea"]')]


def test_items_are_named_by_numbers_enums_and_messages_too() -> None:
    talk = [ConversationState(messages=[ConversationMessageState(no=7, text=t)]) for t in "ab"]
    assert told(*talk) == [('messages["7"].text', '"a"', '"b"')]
    seen = [BrowseState(items=[BrowseItemState(product=Product(sku="s", name=n))]) for n in "ab"]
    assert told(*seen) == [('items["s"].product.name', '"a"', '"b"')]


def test_items_are_named_by_as_much_of_their_first_field_as_tells_them_apart() -> None:
    films = [JourneyRef(kind="media", journey_id=each) for each in ("one", "two")]
    before = SeriesState(members=[SeriesMemberState(journey=each) for each in films])
    after = SeriesState(members=[SeriesMemberState(journey=films[1])])
    assert told(before, after) == [
        ('members["media/one"].journey.kind', '"media"', ""),
        ('members["media/one"].journey.journey_id', '"one"', ""),
    ]


def test_items_without_names_of_their_own_are_compared_by_place() -> None:
    twice = [OrderMoveState(line_key="tea", quantity=count) for count in (1, 2)]
    assert told(OrderState(moves=twice), OrderState(moves=twice[:1])) == [
        ("moves[1].line_key", '"tea"', ""),
        ("moves[1].quantity", '"2"', ""),
    ]
    nameless = [BrowseState(items=[BrowseItemState(viewed_at_ms=at)]) for at in (1, 2)]
    assert [path for path, _, _ in told(*nameless)] == ["items[0].viewed_at_ms"]
    history = [MediaState(history=[MediaPlace(point_ms=point)]) for point in (1, 2)]
    assert [path for path, _, _ in told(*history)] == ["history[0].point_ms"]


def test_entries_of_maps_are_named_by_their_keys() -> None:
    before = InputSaved(fields={"b": InputValue(text="1"), "a": InputValue(text="1")})
    after = InputSaved(fields={"b": InputValue(text="2")})
    assert told(before, after) == [
        ('fields["a"].text', '"1"', ""),
        ('fields["b"].text', '"1"', '"2"'),
    ]


def test_entries_of_maps_may_be_scalars() -> None:
    before, after = Line(options={"size": "L", "ink": "red"}), Line(options={"size": "M"})
    assert told(before, after) == [
        ('options["ink"]', '"red"', ""),
        ('options["size"]', '"L"', '"M"'),
    ]


def test_a_list_of_scalars_is_one_leaf() -> None:
    before, after = Journey(withheld=["a"]), Journey(withheld=["a", "b"])
    assert told(before, after) == [("withheld", '["a"]', '["a","b"]')]


def test_values_are_written_as_protobuf_writes_json() -> None:
    assert told(Event(content_hash=b"\xff"), Event(content_hash=b"")) == [
        ("content_hash", '"/w=="', "")
    ]
    assert told(DoubleValue(value=0.5), DoubleValue(value=float("inf"))) == [
        ("value", "0.5", '"inf"')
    ]
    unknown = Journey()
    unknown.MergeFromString(b"\x48\x63")  # field 9, a varint
    assert all(change.before_json or change.after_json for change in differences(unknown, None))


def test_messages_of_two_types_are_compared_by_the_paths_of_their_fields() -> None:
    assert told(StringValue(value="a"), Int64Value(value=2)) == [("value", '"a"', '"2"')]
    assert told(Journey(rev=2), MediaState(point_ms=1)) == [
        ("rev", '"2"', ""),
        ("point_ms", "", '"1"'),
    ]


def test_fields_that_do_not_count_are_left_out() -> None:
    before, after = Journey(checksum=1, rev=1), Journey(checksum=2, rev=2)
    assert told(before, after, without={"checksum"}) == [("rev", '"1"', '"2"')]


def test_changes_of_one_field_share_its_name() -> None:
    assert differences(cart(("a.b[0]", 1)), cart(("a.b[0]", 2))) == [
        Change('lines["a.b[0]"].quantity', "lines.quantity", '"1"', '"2"')
    ]


def test_states_that_are_json_are_compared_by_their_keys_and_places() -> None:
    before = {"b": {"deep": [1, {"n": 1}]}, "a": True, "same": None}
    after = {"b": {"deep": [1, {"n": 2}, 3]}, "a": 1, "c": [], "same": None}
    assert told(before, after) == [
        ("a", "true", "1"),
        ("b.deep[1].n", "1", "2"),
        ("b.deep[2]", "", "3"),
        ("c", "", "[]"),
    ]
    assert told(None, {"a": {"b": 1}}) == [("a.b", "", "1")]
    assert told({"a": {"b": 1}}, {"a": [1]}) == [("a", '{"b":1}', "[1]")]


def test_a_message_and_json_are_compared_by_the_paths_of_their_fields() -> None:
    assert told(Journey(rev=2), {"rev": "3", "more": True}) == [
        ("rev", '"2"', '"3"'),
        ("more", "", "true"),
    ]


@examples(20)
@given(one=histories(most=6), other=histories(most=6))
def test_states_have_differences_exactly_where_they_are_not_equal(
    one: list[Event], other: list[Event]
) -> None:
    before, after = (projections.publish_all(fold(events)) for events in (one, other))
    for key in before.keys() & after.keys():
        forth = differences(before[key], after[key])
        back = differences(after[key], before[key])
        assert bool(forth) == (before[key] != after[key])
        assert len({change.path for change in forth}) == len(forth)
        assert {change.path for change in forth} == {change.path for change in back}
        assert all(change.before_json != change.after_json for change in forth)
