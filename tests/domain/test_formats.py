from __future__ import annotations

import json
from typing import Any

import pytest

from journey.v1 import rules_pb2 as rules
from journey_service.domain.formats import (
    Declared,
    broken_id,
    format_checks,
    is_uuid,
    number_between,
    query_cut,
    text_up_to,
)

DECLARED = Declared(
    custom_kinds=frozenset({"garden"}),
    purposes=frozenset({"research"}),
    app_schemes=frozenset({"shop"}),
    kept_query_keys=("utm_*", "ref"),
)
CHECKS = format_checks(DECLARED)

RIGHT: dict[rules.Format, list[Any]] = {
    rules.FORMAT_INSTANT_MS: [946_684_800_000, 4_133_980_799_999],
    rules.FORMAT_DURATION_MS: [0, 2**62],
    rules.FORMAT_POINT_MS: [0, 3_600_000_000],
    rules.FORMAT_SPEED: [0, 250, 1_000, 4_000],
    rules.FORMAT_PPM: [0, 1_000_000],
    rules.FORMAT_CURRENCY: ["EUR", "JPY", "DEM"],
    rules.FORMAT_GTIN: ["96385074", "036000291452", "4006381333931", "10614141000415"],
    rules.FORMAT_GLN: ["4012345000009"],
    rules.FORMAT_UNIT_CODE: ["C62", "GRM", "MTR", "4L"],
    rules.FORMAT_LANGUAGE: [
        "de",
        "de-AT",
        "DE-at",
        "zh-Hant-TW",
        "sl-rozaj-biske",
        "de-CH-1996",
        "es-419",
        "und",
        "en-US-u-islamcal",
        "x-whatever",
        "de-x-goethe",
        "i-klingon",
        "en-GB-oed",
        "sgn-BE-FR",
        "zh-min-nan",
        "art-lojban",
    ],
    rules.FORMAT_COUNTRY: ["AT", "DE"],
    rules.FORMAT_ZONE: ["Europe/Vienna", "UTC", "America/Argentina/Buenos_Aires"],
    rules.FORMAT_URL: [
        "https://example.org/a?b=c#d",
        "http://localhost:8080",
        "HTTPS://EXAMPLE.org",
        "shop://product/1",
        "https://example.org/a@b",
    ],
    rules.FORMAT_PHONE: ["+43", "+436601234567890"],
    rules.FORMAT_EMAIL: ["ada@example.org", "a@b"],
    rules.FORMAT_UUID: [
        "01930000-0000-7000-8000-000000000001",
        "AAAAAAAA-aaaa-AAAA-aaaa-AAAAAAAAAAAA",
    ],
    rules.FORMAT_RUN_ID: ["0123456789abcdef0123456789ABCDEF"],
    rules.FORMAT_JSON_OBJECT: ["{}", '{"a": [1, 2.5, null, {"b": "x"}]}', '{"a": 1e300}'],
    rules.FORMAT_KIND: ["media", "garden"],
    rules.FORMAT_CUSTOM_NAME: ["garden.planted", "a.b_1.c.d"],
    rules.FORMAT_PURPOSE: ["necessary", "marketing:email", "sharing:partner-1", "research"],
    rules.FORMAT_TRACEPARENT: ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
}
WRONG: dict[rules.Format, list[Any]] = {
    rules.FORMAT_INSTANT_MS: [946_684_799_999, 4_133_980_800_000, -1],
    rules.FORMAT_DURATION_MS: [-1],
    rules.FORMAT_POINT_MS: [-1, 3_600_000_001],
    rules.FORMAT_SPEED: [249, 4_001, -1_000],
    rules.FORMAT_PPM: [-1, 1_000_001],
    rules.FORMAT_CURRENCY: ["eur", "EU", "ABC", "€"],
    rules.FORMAT_GTIN: ["4006381333932", "400638133393", "400638133393a", "٤٠٠٦٣٨١٣٣٣٩٣١", "12345"],
    rules.FORMAT_GLN: ["96385074", "4012345000008"],
    rules.FORMAT_UNIT_CODE: ["c62", "C", "C626", ""],
    rules.FORMAT_LANGUAGE: [
        "",
        "d",
        "de_AT",
        "german language",
        "de-",
        "a-DE",
        "de-a",
        "en-u",
        "x",
    ],
    rules.FORMAT_COUNTRY: ["at", "AUT", "UK", "XX"],
    rules.FORMAT_ZONE: ["Vienna", "europe/vienna", "CEST", "../etc/passwd", ""],
    rules.FORMAT_URL: [
        "ftp://example.org",
        "example.org",
        "//example.org",
        "https://",
        "https:///path",
        "https://ada:secret@example.org",
        "https://ada@example.org",
        "https://exa mple.org",
        "https://example.org/\n",
        "https://[::1",
        "javascript:alert(1)",
        "other://app",
        "https://example.org/" + "a" * 2_048,
    ],
    rules.FORMAT_PHONE: ["43660123", "+4", "+" + "1" * 16, "+43 660 123", "+٤٣٦٦٠"],
    rules.FORMAT_EMAIL: ["ada", "@example.org", "ada@", "a@b@c", "a b@c", "a" * 254 + "@b"],
    rules.FORMAT_UUID: [
        "",
        "01930000-0000-7000-8000-00000000000",
        "0193000000007000800000000000001",
        "g" * 36,
    ],
    rules.FORMAT_RUN_ID: ["", "0" * 31, "0" * 33, "g" * 32],
    rules.FORMAT_JSON_OBJECT: [
        "",
        "[]",
        "1",
        "{",
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        "[" * 6_000,
        '{"a":' * 6_000,
        '{"a": ' + "1" * 5_000 + "}",
    ],
    rules.FORMAT_KIND: ["", "house", "Media"],
    rules.FORMAT_CUSTOM_NAME: [
        "",
        "garden",
        "Garden.planted",
        "a.b.c.d.e",
        "cart.line_added",
        "custom.x",
    ],
    rules.FORMAT_PURPOSE: ["", "marketing", "marketing:", "service:E-Mail", "fun"],
    rules.FORMAT_TRACEPARENT: [
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-" + "0" * 32 + "-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01",
    ],
}


def cases(table: dict[rules.Format, list[Any]]) -> list[Any]:
    return [
        pytest.param(found, value, id=f"{rules.Format.Name(found)[7:]} {str(value)[:40]!r}")
        for found, values in table.items()
        for value in values
    ]


def test_every_format_has_a_check_and_cases() -> None:
    formats = set(rules.Format.values()) - {rules.FORMAT_UNSPECIFIED}
    assert set(CHECKS) == set(RIGHT) == set(WRONG) == formats


@pytest.mark.parametrize(("found", "value"), cases(RIGHT))
def test_what_is_well_formed_is_taken(found: rules.Format, value: Any) -> None:
    assert CHECKS[found](value) == ""


@pytest.mark.parametrize(("found", "value"), cases(WRONG))
def test_what_is_malformed_is_told_with_the_rule(found: rules.Format, value: Any) -> None:
    assert CHECKS[found](value).startswith("must ")


@pytest.mark.parametrize(("found", "value"), cases(WRONG))
def test_no_rule_repeats_what_broke_it_unless_a_number(found: rules.Format, value: Any) -> None:
    if isinstance(value, str) and len(value) > 4:
        assert value not in CHECKS[found](value)


def nested(depth: int) -> str:
    document: Any = 1
    for at in range(depth):
        document = {"a": document} if at == depth - 1 or at % 2 else [document]
    return json.dumps(document)


def test_json_is_nested_sixteen_deep_at_most() -> None:
    check = CHECKS[rules.FORMAT_JSON_OBJECT]
    assert check(nested(16)) == ""
    assert check(nested(17)) == "must be nested at most 16 deep"


def test_a_deployment_without_declarations_knows_none() -> None:
    plain = format_checks(Declared())
    assert plain[rules.FORMAT_KIND]("garden")
    assert plain[rules.FORMAT_PURPOSE]("research")
    assert plain[rules.FORMAT_URL]("shop://product/1")


# --- ids and texts -------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["a", "a" * 128, "sku-1/é.ü:+", "日本", "soft\u00adhyphen"])
def test_an_id_is_any_word_of_up_to_128_characters(value: str) -> None:
    assert broken_id(value) == ""


@pytest.mark.parametrize("value", ["a b", "a\u00a0b", "a\tb", "a\x00", "a\x7f", "a\u0085b"])
def test_an_id_has_neither_space_nor_control_characters(value: str) -> None:
    assert broken_id(value) == "must be an id without space and control characters"


@pytest.mark.parametrize("length", [0, 129])
def test_an_id_of_another_length_is_told_its_length(length: int) -> None:
    assert broken_id("a" * length) == f"must be an id of 1 to 128 characters; has {length}"


@pytest.mark.parametrize("value", ["", "two\nlines\tand a tab", "\u202e and 👩‍👩‍👧", "a" * 2_000])
def test_text_is_kept_as_sent(value: str) -> None:
    assert text_up_to(2_000)(value) == ""


@pytest.mark.parametrize("value", ["a\x00", "a\rb", "\x1b[31m", "\x7f", "\u0085"])
def test_text_has_no_control_characters_but_newline_and_tab(value: str) -> None:
    assert text_up_to(10)(value) == "must have no control characters but newline and tab"


def test_text_that_is_too_long_is_told_limit_and_length() -> None:
    assert text_up_to(2_000)("a" * 2_001) == "must have at most 2,000 characters; has 2,001"


@pytest.mark.parametrize(
    ("least", "greatest", "value", "rule"),
    [
        (1, 5, 0, "must be at least 1 and at most 5; is 0"),
        (1, 5, 6, "must be at least 1 and at most 5; is 6"),
        (1, None, 0, "must be at least 1; is 0"),
        (None, 5, 6, "must be at most 5; is 6"),
        (1, 5, 5, ""),
        (None, 5, -(2**62), ""),
    ],
)
def test_numbers_are_told_their_limits(
    least: int | None, greatest: int | None, value: int, rule: str
) -> None:
    assert number_between(least, greatest)(value) == rule


def test_a_uuid_may_be_written_in_either_case() -> None:
    assert is_uuid("01930000-0000-7000-8000-00000000000A")
    assert not is_uuid("01930000-0000-7000-8000-00000000000A ")


# --- urls ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.org/a", "https://example.org/a"),
        (
            "https://e.org/?utm_source=x&email=a@b.c&utm_id=1",
            "https://e.org/?utm_source=x&utm_id=1",
        ),
        ("https://e.org/?token=1", "https://e.org/"),
        ("https://e.org/a?ref=1#part", "https://e.org/a?ref=1#part"),
        ("https://e.org/a?reference=1&UTM_source=2#part", "https://e.org/a#part"),
        ("https://[::1?a=b", "https://[::1?a=b"),
    ],
)
def test_query_keys_that_are_not_kept_are_cut(url: str, kept: str) -> None:
    assert query_cut(DECLARED)(url) == kept


def test_where_none_are_kept_all_are_cut() -> None:
    assert query_cut(Declared(kept_query_keys=()))("https://e.org/?utm_id=1") == "https://e.org/"
