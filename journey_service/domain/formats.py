"""How texts and numbers are formed: one function a format, each saying what is wrong, or nothing.

Messages give the rule with its limits and never the value, which may be personal.
"""

from __future__ import annotations

import json
import math
import re
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from journey.v1 import rules_pb2 as rules
from journey.v1.access_pb2 import ROLE_SERVICE, Role
from journey_service.domain.catalogue import GROUPS, KINDS
from journey_service.domain.codes import COUNTRIES, CURRENCIES

# The rule that a value breaks, in words; empty = none.
FormatCheck = Callable[[Any], str]

MAX_ID_CHARS = 128
MAX_KIND_CHARS = 32
MAX_URL_CHARS = 2_048
MAX_POINT_MS = 1_000 * 3_600_000
MAX_JSON_DEPTH = 16
SLOWEST, FASTEST = 250, 4_000  # thousandths of normal speed
FIRST_INSTANT_MS, LAST_INSTANT_MS = 946_684_800_000, 4_133_980_799_999  # 2000 to 2100

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACE = re.compile(r"\s")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_RUN_ID = re.compile(r"[0-9a-fA-F]{32}")
_UNIT_CODE = re.compile(r"[A-Z0-9]{2,3}")
_PHONE = re.compile(r"\+[0-9]{2,15}")
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)
_PURPOSE = re.compile(
    r"necessary|functional|analytics|personalisation|advertising"
    r"|(service|marketing|sharing):[a-z0-9][a-z0-9_.-]*"
)
_CUSTOM_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,3}")
# RFC 5646, 2.1: langtag, private use, and the grandfathered tags that are not langtags.
_LANGUAGE = re.compile(
    r"([a-z]{2,3}(-[a-z]{3}){0,3}|[a-z]{4,8})"
    r"(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(-[0-9a-wy-z](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?"
    r"|x(-[a-z0-9]{1,8})+"
    r"|en-gb-oed|i-(ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)"
    r"|sgn-(be-fr|be-nl|ch-de)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CustomType:
    """What a deployment says about one of its custom names."""

    roles: frozenset[Role] = frozenset({ROLE_SERVICE})
    purpose: str = "analytics"


@dataclass(frozen=True, slots=True)
class Declared:
    """What a deployment's settings add to the catalogue.

    `kept_query_keys` are patterns of query keys that urls keep; all others are cut.
    """

    custom_types: Mapping[str, CustomType] = field(default_factory=dict)
    custom_kinds: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    app_schemes: frozenset[str] = frozenset()
    kept_query_keys: tuple[str, ...] = ("utm_*",)


def broken_id(value: str) -> str:
    """An id: 1 to 128 characters, no space, no control character."""
    if 0 < len(value) <= MAX_ID_CHARS and value.isprintable() and " " not in value:
        return ""
    if not 0 < len(value) <= MAX_ID_CHARS:
        return f"must be an id of 1 to {MAX_ID_CHARS} characters; has {len(value)}"
    if _SPACE.search(value) or _CONTROL.search(value):
        return "must be an id without space and control characters"
    return ""


def is_uuid(value: str) -> bool:
    """Whether it is a UUID as text, in either case."""
    return _UUID.fullmatch(value) is not None


def text_up_to(max_chars: int) -> FormatCheck:
    """Text: at most so many characters, no control character but newline and tab."""

    def broken(value: str) -> str:
        if len(value) > max_chars:
            return f"must have at most {max_chars:,} characters; has {len(value):,}"
        if not value.isprintable() and _CONTROL_IN_TEXT.search(value):
            return "must have no control characters but newline and tab"
        return ""

    return broken


def number_between(least: int | None, greatest: int | None) -> FormatCheck:
    """A number within limits, either of which may be missing."""
    limits = " and ".join(
        ([] if least is None else [f"at least {least:,}"])
        + ([] if greatest is None else [f"at most {greatest:,}"])
    )

    def broken(value: int) -> str:
        if (least is not None and value < least) or (greatest is not None and value > greatest):
            return f"must be {limits}; is {value:,}"
        return ""

    return broken


def _broken_speed(value: int) -> str:
    if value == 0 or SLOWEST <= value <= FASTEST:
        return ""
    return f"must be a speed in thousandths: 0, or 250 to 4,000; is {value:,}"


def _has_check_digit(digits: str) -> bool:
    """GS1: weights 3 and 1 from the right, the last digit makes the sum a multiple of ten."""
    weighed = sum(int(digit) * (3, 1)[at % 2] for at, digit in enumerate(reversed(digits[:-1])))
    return (weighed + int(digits[-1])) % 10 == 0


def _broken_trade_number(value: str, name: str, lengths: str, allowed: frozenset[int]) -> str:
    if len(value) not in allowed or not (value.isascii() and value.isdigit()):
        return f"must be a {name}: {lengths} digits"
    if not _has_check_digit(value):
        return f"must be a {name} with a correct check digit"
    return ""


def _broken_gtin(value: str) -> str:
    return _broken_trade_number(value, "GTIN", "8, 12, 13 or 14", frozenset({8, 12, 13, 14}))


def _broken_gln(value: str) -> str:
    return _broken_trade_number(value, "GLN", "13", frozenset({13}))


def _matching(pattern: re.Pattern[str], rule: str) -> FormatCheck:
    def broken(value: str) -> str:
        return "" if pattern.fullmatch(value) else rule

    return broken


def _one_of(codes: frozenset[str], rule: str) -> FormatCheck:
    def broken(value: str) -> str:
        return "" if value in codes else rule

    return broken


_broken_address = text_up_to(254)


def _broken_email(value: str) -> str:
    local, at, domain = value.partition("@")
    if not (at and local and domain) or "@" in domain or _SPACE.search(value):
        return "must be an e-mail address with one @"
    return _broken_address(value)


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _broken_zone(value: str) -> str:
    return "" if value in _zones() else "must be the name of an IANA time zone"


def _broken_kind(declared: Declared) -> FormatCheck:
    kinds = KINDS | declared.custom_kinds

    def broken(value: str) -> str:
        if value in kinds:
            return ""
        return (
            f"must be a journey kind, built in or declared, of at most {MAX_KIND_CHARS} characters"
        )

    return broken


def _broken_purpose(declared: Declared) -> FormatCheck:
    def broken(value: str) -> str:
        if value in declared.purposes or _PURPOSE.fullmatch(value):
            return ""
        return "must be a known purpose"

    return broken


def _broken_custom_name(value: str) -> str:
    if not _CUSTOM_NAME.fullmatch(value):
        return "must be 2 to 4 words of a-z, 0-9 and _, joined by dots"
    if value.partition(".")[0] in GROUPS:
        return "must not begin with a group of the catalogue"
    return ""


def _broken_url(declared: Declared) -> FormatCheck:
    schemes = {"http", "https"} | declared.app_schemes

    def broken(value: str) -> str:
        if len(value) > MAX_URL_CHARS:
            return f"must have at most {MAX_URL_CHARS:,} characters; has {len(value):,}"
        if _SPACE.search(value) or _CONTROL.search(value):
            return "must be a url without space and control characters"
        try:
            parts = urlsplit(value)
        except ValueError:
            return "must be a url"
        if parts.scheme not in schemes:
            return "must be a url that begins with http, https or a registered app scheme"
        if "@" in parts.netloc:
            return "must be a url without user part"
        if parts.scheme.startswith("http") and not parts.hostname:
            return "must be a url with a host"
        return ""

    return broken


def query_cut(declared: Declared) -> Callable[[str], str]:
    """What takes from a url all query keys but those that are kept."""
    kept = re.compile(
        "|".join(translate(pattern) for pattern in declared.kept_query_keys) or "(?!)"
    )

    def cut(url: str) -> str:
        if "?" not in url:
            return url
        try:
            parts = urlsplit(url)
        except ValueError:
            # Not a url; the format check says so.
            return url
        pairs = [pair for pair in parts.query.split("&") if kept.fullmatch(pair.partition("=")[0])]
        return urlunsplit(parts._replace(query="&".join(pairs)))

    return cut


class JsonRefused(Exception):
    """Text that is not the JSON asked for; the message is the rule it breaks."""


def json_object(value: str) -> dict[str, Any]:
    """One object, depth at most 16, no duplicate keys, finite numbers. Raises JsonRefused."""
    try:
        document = json.loads(
            value,
            object_pairs_hook=_object,
            parse_float=_finite,
            parse_constant=_finite,
        )
    except (ValueError, RecursionError) as error:
        raise JsonRefused("must be JSON") from error
    if not isinstance(document, dict):
        raise JsonRefused("must be one JSON object")
    if _depth(document) > MAX_JSON_DEPTH:
        raise JsonRefused(f"must be nested at most {MAX_JSON_DEPTH} deep")
    return document


def _broken_json(value: str) -> str:
    try:
        json_object(value)
    except JsonRefused as refused:
        return str(refused)
    return ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise JsonRefused("must have no duplicate keys")
    return members


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise JsonRefused("must have finite numbers only")
    return number


def _depth(document: Any) -> int:
    """How deep objects and lists are nested; no recursion, because clients choose the depth."""
    depth, level = 0, [document]
    while level := [inner for inner in level if isinstance(inner, (dict, list))]:
        depth += 1
        level = [
            member
            for outer in level
            for member in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth


def format_checks(declared: Declared) -> Mapping[rules.Format, FormatCheck]:
    """The check of every format, for one deployment."""
    return {
        rules.FORMAT_INSTANT_MS: number_between(FIRST_INSTANT_MS, LAST_INSTANT_MS),
        rules.FORMAT_DURATION_MS: number_between(0, None),
        rules.FORMAT_POINT_MS: number_between(0, MAX_POINT_MS),
        rules.FORMAT_SPEED: _broken_speed,
        rules.FORMAT_PPM: number_between(0, 1_000_000),
        rules.FORMAT_CURRENCY: _one_of(CURRENCIES, "must be a currency of ISO 4217, e.g. EUR"),
        rules.FORMAT_GTIN: _broken_gtin,
        rules.FORMAT_GLN: _broken_gln,
        rules.FORMAT_UNIT_CODE: _matching(
            _UNIT_CODE, "must be a unit code of UN/ECE Recommendation 20, e.g. C62"
        ),
        rules.FORMAT_LANGUAGE: _matching(_LANGUAGE, "must be a language tag of BCP 47, e.g. de-AT"),
        rules.FORMAT_COUNTRY: _one_of(COUNTRIES, "must be a country of ISO 3166-1, two letters"),
        rules.FORMAT_ZONE: _broken_zone,
        rules.FORMAT_URL: _broken_url(declared),
        rules.FORMAT_PHONE: _matching(_PHONE, "must be a number of E.164: + and 2 to 15 digits"),
        rules.FORMAT_EMAIL: _broken_email,
        rules.FORMAT_UUID: _matching(_UUID, "must be a UUID as text, 36 characters"),
        rules.FORMAT_RUN_ID: _matching(_RUN_ID, "must be 32 hex digits, the last 8 a CRC-32"),
        rules.FORMAT_JSON_OBJECT: _broken_json,
        rules.FORMAT_KIND: _broken_kind(declared),
        rules.FORMAT_CUSTOM_NAME: _broken_custom_name,
        rules.FORMAT_PURPOSE: _broken_purpose(declared),
        rules.FORMAT_TRACEPARENT: _matching(_TRACEPARENT, "must be a W3C traceparent"),
    }
