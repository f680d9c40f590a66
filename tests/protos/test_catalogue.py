import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import pytest
from google.protobuf.descriptor import Descriptor

from journey.v1 import rules_pb2
from tests.protos import page
from tests.protos.descriptors import (
    BODIES,
    BODY,
    FILE,
    listed,
    message,
    option,
    role_numbers,
    rules_of,
    words,
)

CLASSES = {"I": "INTENT", "T": "TELEMETRY", "J": "DECIDED", "S": "STATED"}
MAIN_KINDS = {"browse", "cart", "search", "preferences", "rewards"}
HEADING = re.compile(r"^.+ (\d+)-(\d+)$")


class Row(NamedTuple):
    """One row of the page's tables and the range of numbers in its heading."""

    message: str
    name: str
    interaction_class: str
    by: str
    journey: str
    purpose: str
    marks: str
    numbers: range


def rows() -> Iterator[Row]:
    """Rows of the page in its order."""
    numbers = range(0)
    for line in filter(None, page.TYPES.splitlines()):
        if heading := HEADING.match(line):
            numbers = range(int(heading[1]), int(heading[2]) + 1)
        else:
            name, dotted, letter, by, journey, purpose, marked = line.split()
            yield Row(name, dotted, letter, by, journey, purpose, marked, numbers)


ROWS = list(rows())
NAMES = [row.message for row in ROWS]
each_row = pytest.mark.parametrize("row", ROWS, ids=NAMES)


def coalescing(rules: rules_pb2.InteractionRules) -> str:
    """Coalescing as the page writes it."""
    key = ",".join(rules.coalesce_key).removesuffix("journey")
    if rules.coalesce == rules_pb2.COALESCE_LAST:
        return f"last({key})"
    if rules.coalesce == rules_pb2.COALESCE_FIELDS_JOINED:
        return f"joined({key})"
    if rules.coalesce == rules_pb2.COALESCE_RUN:
        assert key == "run_id"
        return "run"
    return ""


def marks(rules: rules_pb2.InteractionRules) -> list[str]:
    """The marks of the page that the rules amount to."""
    found = [
        "M" if rules.machine else "",
        "Q" if rules.queued_offline else "",
        "R" if rules.expected_rev_required else "",
        coalescing(rules),
    ]
    return [mark for mark in found if mark]


def test_the_page_has_at_least_the_65_reported_types_custom_and_16_decided_of_the_start() -> None:
    classes = Counter(row.interaction_class for row in ROWS)
    assert classes["I"] + classes["T"] >= 65
    assert classes["S"] == 1
    assert classes["J"] >= 16


def test_the_bodies_are_those_of_the_page_in_its_order() -> None:
    assert list(BODIES) == NAMES
    assert len(BODY.fields) == len(NAMES)


def test_only_bodies_carry_the_rules_of_an_interaction() -> None:
    ruled = {
        name
        for name, descriptor in FILE.message_types_by_name.items()
        if option(descriptor, rules_pb2.interaction).name
    }
    assert ruled == set(NAMES)


def test_dotted_names_are_unique() -> None:
    names = [rules_of(name).name for name in NAMES]
    assert len(set(names)) == len(names)


def test_numbers_begin_each_range_and_go_on_without_holes() -> None:
    by_range: dict[range, list[int]] = {}
    for row in ROWS:
        by_range.setdefault(row.numbers, []).append(BODIES[row.message].number)
    for numbers, used in by_range.items():
        assert used == list(numbers)[: len(used)]


def test_the_ranges_of_the_groups_do_not_meet() -> None:
    ranges = sorted({row.numbers for row in ROWS}, key=lambda numbers: numbers.start)
    for before, after in pairwise(ranges):
        assert before.stop <= after.start


@each_row
def test_a_type_is_named_class_marked_and_numbered_as_the_page_says(row: Row) -> None:
    rules = rules_of(row.message)
    expected_class = f"INTERACTION_CLASS_{CLASSES[row.interaction_class]}"
    assert rules.name == row.name
    assert rules_pb2.InteractionClass.Name(rules.interaction_class) == expected_class
    assert marks(rules) == listed(row.marks)
    assert BODIES[row.message].number in row.numbers


@each_row
def test_a_dotted_name_is_a_group_and_a_verb_in_lower_snake(row: Row) -> None:
    pattern = r"custom" if row.message == "Custom" else r"[a-z]+\.[a-z]+(_[a-z]+)*"
    assert re.fullmatch(pattern, rules_of(row.message).name)


@each_row
def test_the_field_of_a_body_is_its_message_in_lower_snake(row: Row) -> None:
    assert BODIES[row.message].name == re.sub(r"(?<!^)(?=[A-Z])", "_", row.message).lower()


@each_row
def test_a_type_is_reported_by_the_roles_of_the_page(row: Row) -> None:
    assert sorted(rules_of(row.message).roles) == sorted(role_numbers(row.by))


@each_row
def test_a_type_belongs_to_the_journeys_of_the_page(row: Row) -> None:
    rules = rules_of(row.message)
    cells = [cell.removesuffix("?").split("/") for cell in listed(row.journey)]
    assert list(rules.kinds) == [cell[0] for cell in cells]
    assert rules.journey_optional == row.journey.endswith("?")
    assert rules.default_journey_id == ("main" if "/main" in row.journey else "")


@each_row
def test_an_empty_journey_id_means_main_for_the_five_kinds_that_have_one_each(row: Row) -> None:
    rules = rules_of(row.message)
    kinds = set(rules.default_kinds or rules.kinds) if rules.default_journey_id else set()
    possible = MAIN_KINDS if "*" in rules.kinds else MAIN_KINDS & set(rules.kinds)
    # What Journey records itself always names its journey.
    assert kinds == (set() if row.by == "J" and "*" in rules.kinds else possible)


@each_row
def test_a_type_has_the_purpose_of_the_page(row: Row) -> None:
    rules = rules_of(row.message)
    source = rules_pb2.PurposeSource.Name(rules.purpose_source).removeprefix("PURPOSE_SOURCE_")
    if row.message == "Custom":
        assert (rules.purpose, source) == ("analytics", "DECLARED")
    elif row.purpose.isupper():
        assert (rules.purpose, source) == ("", row.purpose)
    else:
        assert (rules.purpose, source) == (row.purpose, "UNSPECIFIED")


def test_keys_of_facts_are_those_of_the_page() -> None:
    found = {name: list(rules_of(name).unique_key) for name in NAMES if rules_of(name).unique_key}
    assert found == words(page.KEYS)


def test_every_path_in_the_rules_leads_to_a_field() -> None:
    for name in NAMES:
        rules = rules_of(name)
        for path in [*rules.coalesce_key, *rules.at_least_one_of, *rules.unique_key]:
            assert leads_to_a_field(message(name), path), f"{name}: {path}"


def leads_to_a_field(start: Descriptor, path: str) -> bool:
    """Whether a dotted path exists in a message; `journey` is the envelope's."""
    descriptor: Descriptor | None = start
    first, *rest = path.split(".")
    if first == "journey":
        return rest in [[], ["journey_id"]]
    for part in [first, *rest]:
        if descriptor is None or part not in descriptor.fields_by_name:
            return False
        descriptor = descriptor.fields_by_name[part].message_type
    return True


def test_one_or_more_is_asked_of_promotions_messages_and_evidence() -> None:
    asked = {
        name: list(rules_of(name).at_least_one_of)
        for name in NAMES
        if rules_of(name).at_least_one_of
    }
    promotion = ["promotion_id", "offer_id", "ad_id"]
    evidence = ["message_id", "form_id", "paper_ref", "session_id"]
    assert asked == {
        "PromotionShown": promotion,
        "PromotionClicked": promotion,
        "ConversationMessageAdded": ["text", "text_ref", "attachments"],
        "ConsentRecorded": [f"evidence.{name}" for name in evidence],
    }


def test_the_catalogue_knows_neither_events_nor_states() -> None:
    imported = {dependency.name for dependency in FILE.dependencies}
    assert imported
    assert imported.isdisjoint({"journey/v1/events.proto", "journey/v1/journeys.proto"})
