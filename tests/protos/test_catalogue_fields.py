import re
from collections.abc import Iterator

import pytest
from google.protobuf.descriptor import EnumValueDescriptor, FieldDescriptor

from journey.v1 import rules_pb2
from tests.protos import page
from tests.protos.descriptors import (
    BODIES,
    FILE,
    enum,
    is_required,
    listed,
    message,
    option,
    role_numbers,
    rules_of_field,
    words,
)

RUN_FIELDS = {"run_id": 1, "run_start_ms": 2, "opened_by": 3, "point_ms": 4, "speed": 5}
FIELD = re.compile(
    r"(?P<name>\w+)(?P<may_be_empty>[?^]?)(:(?P<chars>\d+))?(?P<personal>\*?)(?P<write_only>=?)"
    r"(#(?P<items>\d+))?(\[(?P<least>-?\d+),(?P<most>\d*)\])?"
)


FIELDS = words(page.FIELDS.replace("RUN", page.RUN))


def test_the_page_has_a_fields_row_for_every_type() -> None:
    assert set(BODIES) <= set(FIELDS)


@pytest.mark.parametrize(("name", "cells"), FIELDS.items())
def test_a_message_has_the_fields_and_limits_of_the_page(name: str, cells: list[str]) -> None:
    expected = [one for cell in cells for one in cell.split("|")]
    assert [field.name for field in message(name).fields] == [one_name(one) for one in expected]
    for cell in cells:
        choices = cell.split("|")
        fields = [message(name).fields_by_name[one_name(one)] for one in choices]
        if len(choices) > 1:
            assert_exactly_one_is_required(fields)
        for field, one in zip(fields, choices, strict=True):
            assert_limits(field, one, in_choice=len(choices) > 1)


def one_name(cell: str) -> str:
    """Name of the field in one part of a line of FIELDS."""
    return parsed(cell)["name"] or ""


def parsed(cell: str) -> dict[str, str | None]:
    """Parts of one field of a line of FIELDS."""
    match = FIELD.fullmatch(cell)
    assert match, cell
    return match.groupdict()


def assert_exactly_one_is_required(fields: list[FieldDescriptor]) -> None:
    oneof = fields[0].containing_oneof
    assert oneof is not None
    assert list(oneof.fields) == fields
    assert option(oneof, rules_pb2.required_one)


def assert_limits(field: FieldDescriptor, cell: str, *, in_choice: bool) -> None:
    said = parsed(cell)
    rules = rules_of_field(field)
    assert is_required(field) == (not said["may_be_empty"] and not in_choice), cell
    assert rules.max_chars == int(said["chars"] or 0), cell
    assert rules.personal == bool(said["personal"]), cell
    assert rules.write_only == bool(said["write_only"]), cell
    assert rules.max_items == int(said["items"] or 0), cell
    least = rules.min if rules.HasField("min") else None
    most = rules.max if rules.HasField("max") else None
    assert least == (int(said["least"]) if said["least"] else None), cell
    assert most == (int(said["most"]) if said["most"] else None), cell


def texts() -> Iterator[FieldDescriptor]:
    """Every text field of the catalogue, in lists, too."""
    waiting = list(FILE.message_types_by_name.values())
    while waiting:
        descriptor = waiting.pop()
        if descriptor.GetOptions().map_entry:
            continue
        waiting.extend(descriptor.nested_types)
        yield from (field for field in descriptor.fields if field.type == field.TYPE_STRING)


def fields_named(pattern: str) -> Iterator[FieldDescriptor]:
    """Fields of the bodies and value types whose name matches, the envelope's apart."""
    for descriptor in FILE.message_types_by_name.values():
        if descriptor.name != "Interaction":
            yield from (field for field in descriptor.fields if re.search(pattern, field.name))


@pytest.mark.parametrize(
    ("pattern", "forms"),
    [
        (r"^(run_start|.*point|credits_at)_ms$", {"POINT_MS"}),
        (r"^duration_ms$", {"DURATION_MS"}),
        (r"(_start|_end|_at|_from|_until|expires_at)_ms$", {"INSTANT_MS", "POINT_MS"}),
        (r"_ppm$", {"PPM"}),
        (r"^speed$", {"SPEED"}),
        (r"(^|_)url$|^link$", {"URL"}),
        (r"language$", {"LANGUAGE"}),
        (r"^run_id$", {"RUN_ID"}),
        (r"^gtin$", {"GTIN"}),
        (r"^gln$", {"GLN"}),
        (r"^currency$", {"CURRENCY"}),
        (r"^unit$", {"UNIT_CODE"}),
        (r"^zone$", {"ZONE"}),
    ],
)
def test_a_unit_in_a_name_has_its_form(pattern: str, forms: set[str]) -> None:
    found = {
        rules_pb2.Format.Name(rules_of_field(field).format).removeprefix("FORMAT_")
        for field in fields_named(pattern)
    }
    assert found
    assert found <= forms


def test_every_id_reference_and_key_is_an_id() -> None:
    names = r"(_id|_ids|_ref|^sku|^skus|line_key|item_key)$"
    loose = [
        field.full_name
        for field in fields_named(names)
        if field.type == field.TYPE_STRING
        and not rules_of_field(field).id
        and rules_of_field(field).format not in {rules_pb2.FORMAT_UUID, rules_pb2.FORMAT_RUN_ID}
    ]
    assert loose == []


def test_every_text_has_a_limit() -> None:
    unlimited = {
        field.full_name
        for field in texts()
        if not (
            rules_of_field(field).id
            or rules_of_field(field).max_chars
            or rules_of_field(field).max_bytes
            or rules_of_field(field).format
        )
    }
    # The token is checked by its signature.
    assert unlimited == {"journey.v1.Interaction.seen"}


def test_every_map_limits_its_keys() -> None:
    maps = [
        field
        for descriptor in FILE.message_types_by_name.values()
        for field in descriptor.fields
        if field.message_type and field.message_type.GetOptions().map_entry
    ]
    assert maps
    assert {rules_of_field(field).key_max_chars for field in maps} == {64}


@pytest.mark.parametrize(
    "name", ["MediaPlayed", "MediaProgressed", "MediaPaused", "MediaSeeked", "MediaStopped"]
)
def test_the_run_has_the_same_numbers_in_every_media_body(name: str) -> None:
    fields = message(name).fields_by_name
    assert {key: fields[key].number for key in RUN_FIELDS} == RUN_FIELDS
    if "duration_ms" in fields:
        assert fields["duration_ms"].number == 6


def test_what_a_line_counts_is_said_wherever_a_body_carries_lines() -> None:
    meanings = {
        f"{name}.{field.name}": rules_pb2.QuantityRule.Name(rules_of_field(field).quantity)
        for name in BODIES
        for field in message(name).fields
        if field.message_type and field.message_type.name == "Line"
    }
    special = {
        "CartLineAdded.line": "QUANTITY_RULE_DELTA",
        "CartLineQuantitySet.line": "QUANTITY_RULE_ABSOLUTE",
        "CartMerged.lines": "QUANTITY_RULE_ABSOLUTE",
    }
    assert len(meanings) > len(special)
    assert meanings == {key: special.get(key, "QUANTITY_RULE_COUNT") for key in meanings}


def test_channels_are_those_of_the_page_in_its_order() -> None:
    values = [value.name.removeprefix("CHANNEL_") for value in enum("Channel").values]
    assert values == ["UNSPECIFIED", *page.CHANNELS.split()]


@pytest.mark.parametrize(("name", "expected"), words(page.ENUMS).items())
def test_an_enum_has_the_values_of_the_page_in_its_order(name: str, expected: list[str]) -> None:
    descriptor = enum(name)
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", descriptor.name).upper() + "_"
    values = [value.name.removeprefix(prefix) for value in descriptor.values]
    assert values == ["UNSPECIFIED", *expected]
    assert [value.number for value in descriptor.values] == list(range(len(values)))


def values_with_rules() -> Iterator[EnumValueDescriptor]:
    """Enum values of the catalogue that carry an option of ours."""
    enums = [*FILE.enum_types_by_name.values()]
    for descriptor in FILE.message_types_by_name.values():
        enums.extend(descriptor.enum_types)
    for values in (descriptor.values for descriptor in enums):
        yield from (value for value in values if value.GetOptions().ByteSize())


def test_the_values_with_rules_of_their_own_are_those_of_the_page() -> None:
    expected = words(page.VALUES)
    found: dict[str, tuple[list[int], str, str, list[str]]] = {}
    for value in values_with_rules():
        owner = value.type.full_name.removeprefix("journey.v1.")
        prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", value.type.name).upper()
        found[f"{owner}.{value.name.removeprefix(prefix + '_')}"] = (
            sorted(option(value, rules_pb2.value_roles)),
            option(value, rules_pb2.value_purpose),
            option(value, rules_pb2.value_also_purpose),
            list(option(value, rules_pb2.value_kinds)),
        )
    assert found == {name: value_rules(cells) for name, cells in expected.items()}


def value_rules(cells: list[str]) -> tuple[list[int], str, str, list[str]]:
    """Roles, purpose, further purpose and kinds of a line of VALUES."""
    roles, purpose, also, kinds = (cells + ["-"] * 4)[:4]
    texts = [text.replace("-", "") for text in (purpose, also)]
    return sorted(role_numbers(roles)), texts[0], texts[1], listed(kinds)


def test_a_targeted_offer_needs_leave_to_personalise() -> None:
    field = message("OfferGranted").fields_by_name["targeted"]
    assert rules_of_field(field).purpose_if_set == "personalisation"
