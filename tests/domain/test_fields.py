from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from journey.v1 import (
    history_service_pb2,
    interactions_pb2,
    journey_service_pb2,
    session_service_pb2,
)
from journey.v1.clocks_pb2 import ClientClock
from journey.v1.groups_pb2 import ConsumeStart, Credit, PullRequest
from journey.v1.interactions_pb2 import (
    CartLineAdded,
    CartLineQuantitySet,
    CartMerged,
    ConsentRecorded,
    Custom,
    IdentifierAttached,
    InputSaved,
    InputValue,
    LeaseGranted,
    Line,
    ListItemAdded,
    MediaPaused,
    OrderPlaced,
    PageViewed,
    PromotionShown,
    Rating,
    SearchFilter,
    SearchPerformed,
    SubjectErased,
)
from journey.v1.journey_service_pb2 import GetJourneyRequest, RecordRequest, WatchRequest
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.fields import FieldChecks
from journey_service.domain.formats import Declared
from tests.domain.samples import pause

CHECKS = FieldChecks(Declared(), {})


def problems(message: Message) -> dict[str, str]:
    """Rules broken in a message, by path."""
    return dict(CHECKS.of(message.DESCRIPTOR)(message))


def line(quantity: int = 1, **fields: Any) -> Line:
    made = Line(quantity=quantity, **fields)
    made.product.sku = "sku-1"
    return made


def test_a_number_that_must_be_set_is_told_with_its_least() -> None:
    start = ConsumeStart(group_id="billing", consumer_id="one", credit=Credit(bytes=9))
    assert problems(start) == {".credit.deliveries": "is required, at least 1"}
    pull = PullRequest(group_id="billing", consumer_id="one")
    assert problems(pull) == {".max_deliveries": "is required, at least 1"}


@pytest.mark.parametrize(
    "module", [interactions_pb2, journey_service_pb2, session_service_pb2, history_service_pb2]
)
def test_every_message_of_the_wire_can_be_checked(module: Any) -> None:
    for message in module.DESCRIPTOR.message_types_by_name.values():
        assert CHECKS.of(message) is CHECKS.of(message)


def test_what_is_right_has_no_problems() -> None:
    assert problems(pause(1)) == {}


# --- required ------------------------------------------------------------------------------------


def test_all_that_is_missing_is_told_in_the_order_of_the_proto() -> None:
    assert list(CHECKS.of(MediaPaused.DESCRIPTOR)(MediaPaused())) == [
        (".run_id", "is required"),
        (".opened_by", "is required"),
    ]


@pytest.mark.parametrize(
    ("message", "path"),
    [
        (InputSaved(), ".fields"),
        (OrderPlaced(), ".lines"),
        (OrderPlaced(), ".total"),
        (OrderPlaced(), ".payment_at"),
        (IdentifierAttached(), ".hash"),
        (LeaseGranted(), ".epoch"),
    ],
)
def test_required_means_more_than_empty(message: Message, path: str) -> None:
    assert problems(message)[path] == "is required"


def test_a_zero_that_may_be_left_out_is_not_looked_at() -> None:
    """A number without tracked presence is set where it is not 0."""
    assert ".rank" not in problems(interactions_pb2.ProductViewed())
    assert problems(Rating(best=5)) == {}


def test_an_enum_value_from_the_future_is_set() -> None:
    future = MediaPaused(run_id="0" * 32)
    future.MergeFromString(bytes([3 << 3, 99]))
    assert future.opened_by == 99
    assert problems(future) == {}


# --- oneofs --------------------------------------------------------------------------------------


def test_one_of_several_must_be_there() -> None:
    assert problems(ListItemAdded())[".item"] == "needs one of product, content_id, search_id"
    assert problems(ListItemAdded(search_id="s")) == {}


def test_a_member_that_is_set_must_be_right_even_if_empty() -> None:
    assert problems(ListItemAdded(content_id="")) == {
        ".content_id": "must be an id of 1 to 128 characters; has 0"
    }


def test_at_least_one_of_several_fields_must_be_there() -> None:
    shown = PromotionShown(placement="PROMOTION_PLACEMENT_OWN")
    assert problems(shown)[""] == "needs at least one of promotion_id, offer_id, ad_id"
    shown.ad_id = "ad"
    assert problems(shown) == {}


def test_at_least_one_of_several_fields_may_lie_deeper() -> None:
    consent = ConsentRecorded(
        purpose="analytics",
        decision="DECISION_GRANTED",
        legal_basis="consent",
        policy_version="1",
        text_hash="abc",
        evidence={},
    )
    assert list(problems(consent)) == [""]
    consent.evidence.paper_ref = "drawer-7"
    assert problems(consent) == {}


# --- limits --------------------------------------------------------------------------------------


def test_texts_numbers_ids_and_formats_are_checked_where_they_stand() -> None:
    bad = CartLineAdded(line=Line(quantity=1, unit="piece", line_key="a b"))
    bad.line.product.name = "x" * 201
    bad.line.unit_price.currency, bad.line.unit_price.nanos = "euro", 1_000_000_000
    assert problems(bad) == {
        ".line.line_key": "must be an id without space and control characters",
        ".line.product.sku": "is required",
        ".line.product.name": "must have at most 200 characters; has 201",
        ".line.unit": "must be a unit code of UN/ECE Recommendation 20, e.g. C62",
        ".line.unit_price.currency": "must be a currency of ISO 4217, e.g. EUR",
        ".line.unit_price.nanos": "must be at least -999,999,999 and at most 999,999,999; "
        "is 1,000,000,000",
    }


def test_a_field_with_several_rules_is_told_all_it_breaks() -> None:
    name = "A" * 65
    custom = Custom(name=name, interaction_class="INTERACTION_CLASS_INTENT", json="{}")
    told = [rule for path, rule in CHECKS.of(Custom.DESCRIPTOR)(custom) if path == ".name"]
    assert len(told) == 3
    assert told[0] == "must have at most 64 characters; has 65"
    assert told[2].startswith("must match ^")


def test_a_pattern_must_match_the_whole_value() -> None:
    custom = Custom(name="a.b\n", interaction_class="INTERACTION_CLASS_INTENT", json="{}")
    assert problems(custom)[".name"].startswith("must match ^")


def test_bytes_of_a_text_are_counted_in_utf_8() -> None:
    fits = '{"a": "' + "é" * 6_139 + '"}'
    assert (
        problems(Custom(name="a.b", interaction_class="INTERACTION_CLASS_INTENT", json=fits)) == {}
    )
    over = '{"a": "' + "é" * 6_140 + '"}'
    found = problems(Custom(name="a.b", interaction_class="INTERACTION_CLASS_INTENT", json=over))
    assert found == {".json": "must have at most 12,288 bytes; has 12,289"}


def test_list_entries_are_checked_one_by_one_and_counted() -> None:
    search = SearchPerformed(
        filters=[SearchFilter(name="colour"), SearchFilter(values=["x" * 129])]
    )
    assert problems(search) == {
        ".filters[1].name": "is required",
        ".filters[1].values[0]": "must have at most 128 characters; has 129",
    }
    search = SearchPerformed(filters=[SearchFilter(name="a")] * 51)
    assert problems(search) == {".filters": "must have at most 50 entries; has 51"}


def test_a_list_of_the_catalogue_has_a_hundred_entries_unless_said() -> None:
    shown = PromotionShown(placement="PROMOTION_PLACEMENT_OWN", ad_id="a", skus=["s"] * 100)
    assert problems(shown) == {}
    shown.skus.append("s")
    assert problems(shown) == {".skus": "must have at most 100 entries; has 101"}


def test_a_list_of_a_call_may_be_longer() -> None:
    assert problems(WatchRequest(kinds=["media"] * 1_000)) == {}
    assert list(problems(WatchRequest(kinds=["media"] * 1_001))) == [".kinds"]


def test_an_empty_id_in_a_list_is_no_id() -> None:
    shown = PromotionShown(placement="PROMOTION_PLACEMENT_OWN", ad_id="a", skus=["s", ""])
    assert list(problems(shown)) == [".skus[1]"]


def test_maps_are_checked_by_key() -> None:
    saved = InputSaved(
        fields={"mail": InputValue(text="x" * 2_001), "ok": InputValue(cleared=True)}
    )
    saved.fields["none"].SetInParent()
    assert problems(saved) == {
        ".fields[mail].text": "must have at most 2,000 characters; has 2,001",
        ".fields[none].content": "needs one of text, cleared",
    }


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("", "must have keys of 1 to 64 characters; has one of 0"),
        ("k" * 65, "must have keys of 1 to 64 characters; has one of 65"),
        ("a\nb", "must have keys without control characters"),
    ],
)
def test_a_bad_key_is_told_without_being_repeated(key: str, rule: str) -> None:
    assert problems(InputSaved(fields={key: InputValue(text="x")})) == {".fields": rule}


def test_maps_are_counted() -> None:
    options = {f"option {number}": "x" for number in range(21)}
    found = problems(CartLineAdded(line=line(options=options)))
    assert found == {".line.options": "must have at most 20 entries; has 21"}


def test_the_values_of_a_map_have_limits() -> None:
    erased = SubjectErased(erasure_id="e", counts={"media.paused": -1})
    assert problems(erased) == {".counts[media.paused]": "must be at least 0; is -1"}


# --- quantities ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "rule"),
    [
        (-1_000_000, ""),
        (1_000_000, ""),
        (0, "must not be 0"),
        (1_000_001, "must be at least -1,000,000 and at most 1,000,000; is 1,000,001"),
    ],
)
def test_a_difference_is_anything_but_nothing(quantity: int, rule: str) -> None:
    found = problems(CartLineAdded(line=line(quantity)))
    assert found.get(".line.quantity", "") == rule


@pytest.mark.parametrize(("quantity", "right"), [(0, True), (-1, False), (1_000_000, True)])
def test_a_new_quantity_may_be_nothing(quantity: int, right: bool) -> None:
    assert (problems(CartLineQuantitySet(line=line(quantity))) == {}) is right


@pytest.mark.parametrize(("quantity", "right"), [(1, True), (0, False), (-1, False)])
def test_a_count_is_at_least_one_on_every_line(quantity: int, right: bool) -> None:
    order = OrderPlaced(lines=[line(), line(quantity)])
    assert (".lines[1].quantity" not in problems(order)) is right


def test_the_lines_of_a_merge_may_be_many() -> None:
    merged = CartMerged(
        link_id="01930000-0000-5000-8000-000000000001", rule="RULE_MAX", lines=[line(0)] * 1_000
    )
    assert problems(merged) == {}


# --- rules that protos cannot carry --------------------------------------------------------------


def test_a_journey_has_a_known_kind_and_an_id() -> None:
    assert problems(GetJourneyRequest(journey=JourneyRef(kind="house", journey_id="a b"))) == {
        ".journey.kind": "must be a journey kind, built in or declared, of at most 32 characters",
        ".journey.journey_id": "must be an id without space and control characters",
    }
    assert problems(GetJourneyRequest(journey={})) == {
        ".journey.kind": "is required",
        ".journey.journey_id": "is required",
    }


def test_a_declared_kind_is_a_kind() -> None:
    checks = FieldChecks(Declared(custom_kinds=frozenset({"garden"})), {})
    found = checks.of(JourneyRef.DESCRIPTOR)(JourneyRef(kind="garden", journey_id="g"))
    assert list(found) == []


def test_a_boot_id_has_64_characters_at_most() -> None:
    assert problems(ClientClock(boot_id="b" * 64)) == {}
    assert list(problems(ClientClock(boot_id="b" * 65))) == [".boot_id"]


def test_the_interactions_of_a_call_are_not_the_calls() -> None:
    bad = RecordRequest(interactions=[pause(0, event_id="?")] * 2_000)
    assert problems(bad) == {}


def test_rules_over_several_fields_are_asked_with_the_message() -> None:
    def too_loud(viewed: Any) -> list[tuple[str, str]]:
        return [(".title", "must not shout")] if viewed.title.isupper() else []

    checks = FieldChecks(Declared(), {"journey.v1.PageViewed": too_loud})
    loud = PageViewed(url="https://e.org", page_kind="KIND_HOME", title="SALE")
    assert list(checks.of(PageViewed.DESCRIPTOR)(loud)) == [(".title", "must not shout")]


def test_fields_are_told_apart_by_identity() -> None:
    """ListFields gives the very descriptors that the checks were compiled for."""
    [(field, _), *_] = pause(1).ListFields()
    assert isinstance(field, FieldDescriptor)
    assert field is interactions_pb2.Interaction.DESCRIPTOR.fields_by_name["event_id"]
