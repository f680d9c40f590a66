"""The table of thresholds against the sentences that fix it, numbers read from the sentences."""

import re
from collections.abc import Callable

import pytest

from journey.v1.interactions_pb2 import MEDIA_FORMAT_AUDIOBOOK, MEDIA_FORMAT_COURSE
from journey_service.domain.validation import SERVICE_LIMITS
from projections import thresholds
from projections.thresholds import Share
from tests.projections.test_view_thresholds import SENTENCES_OF_VIEWS

DAY_MS = 24 * 60 * 60 * 1_000

# Word for word from the design page of journeys, by its sections 5.1, 5.2, 5.3, 6 and 7.
PAGE = """
**established** ⇔ opened_by RESTART or SEEK, or span ≥ 5 000 ms.
No close, or close.point < top.point − 5 s (the player reset itself)
`furthest_ms` = greatest end.point among runs with span ≥ 5 s.
`history`: ends of the ten latest established runs with span ≥ 5 s other than the resume run
`alternates` (≤ 3): for each other installation its latest established run
and its end lies at most 45 s before that of the resume run
else duration D − min(8 % of D, 180 s)
for formats AUDIOBOOK and COURSE D − min(2 % of D, 60 s)
Listing floor: min(2 % of D, 60 s), D unknown 30 s.
Without a lease, lease_until = as_of + 45 s.
Archive time: no activity for 400 days unless stated.
never; empty 90 days → archived
A published state is ≤ 256 KiB: lists are cut to their newest entries
(messages 100, lines 500, others 1 000)
search | query, filters, sort, anchor | archived after 30 days
greatest of {`mark_finished`, locator ≥ 990 000 ppm} later than
A message within 7 days reopens, later `JOURNEY_CLOSED`
browse | recently viewed ≤ 100 | none
value of the greatest occurrence; the other tags, newest five, as `conflicts`
name; class; `json` <= 12 KiB
"""
NUMBERS = {"ten": 10, "five": 5}


def found(pattern: str) -> tuple[int, ...]:
    """Numbers of the one sentence that matches; `#` stands for a number."""
    expression = re.escape(pattern).replace(r"\#", r"([\d ]+?|ten|five)")
    (match,) = re.finditer(expression, PAGE)
    return tuple(NUMBERS.get(text) or int(text.replace(" ", "")) for text in match.groups())


def share(percent: int, cap_s: int) -> Share:
    return Share(ppm=percent * 10_000, cap_ms=cap_s * 1_000)


def formats(percent: int, cap_s: int) -> dict[int, Share]:
    return dict.fromkeys((MEDIA_FORMAT_AUDIOBOOK, MEDIA_FORMAT_COURSE), share(percent, cap_s))


def as_it_is(number: int) -> int:
    return number


def seconds(number: int) -> int:
    return number * 1_000


def kibibytes(number: int) -> int:
    return number * 1_024


def days(number: int) -> int:
    return number * DAY_MS


@pytest.mark.parametrize(
    ("value", "sentence", "read"),
    [
        (thresholds.ESTABLISHED_SPAN_MS, "or span ≥ # ms", as_it_is),
        (thresholds.ESTABLISHED_SPAN_MS, "greatest end.point among runs with span ≥ # s.", seconds),
        (thresholds.RESET_TOLERANCE_MS, "close.point < top.point − # s", seconds),
        (thresholds.HISTORY_MOST, "ends of the # latest established runs", as_it_is),
        (thresholds.ALTERNATES_MOST, "`alternates` (≤ #)", as_it_is),
        (thresholds.ALTERNATE_LAG_MS, "its end lies at most # s before", seconds),
        (thresholds.FINISH_BEFORE_END, "else duration D − min(# % of D, # s)", share),
        (
            dict(thresholds.FINISH_BEFORE_END_BY_FORMAT),
            "for formats AUDIOBOOK and COURSE D − min(# % of D, # s)",
            formats,
        ),
        (thresholds.LISTING_FLOOR, "Listing floor: min(# % of D, # s)", share),
        (thresholds.LISTING_FLOOR_UNKNOWN_MS, "D unknown # s.", seconds),
        (thresholds.EXTRAPOLATION_MS, "lease_until = as_of + # s.", seconds),
        (thresholds.ARCHIVE_AFTER_MS, "no activity for # days", days),
        (thresholds.EMPTY_CART_ARCHIVE_AFTER_MS, "empty # days", days),
        (thresholds.CART_LINES_MOST, "lines #,", as_it_is),
        (thresholds.ORDER_LINES_MOST, "lines #,", as_it_is),
        (thresholds.MESSAGES_MOST, "(messages #,", as_it_is),
        (thresholds.ENTRIES_MOST, "others #)", as_it_is),
        (thresholds.SEARCH_ARCHIVE_AFTER_MS, "archived after # days", days),
        (thresholds.READING_FINISHED_PPM, "locator ≥ # ppm}", as_it_is),
        (thresholds.REOPENED_WITHIN_MS, "A message within # days reopens", days),
        (thresholds.BROWSE_ITEMS_MOST, "recently viewed ≤ # |", as_it_is),
        (thresholds.CONFLICTS_MOST, "the other tags, newest #,", as_it_is),
        (thresholds.STATE_BYTES, "A published state is ≤ # KiB", kibibytes),
        (thresholds.CUSTOM_FIELD_BYTES, "`json` <= # KiB", kibibytes),
    ],
)
def test_each_threshold_is_the_number_of_its_sentence(
    value: object, sentence: str, read: Callable[..., object]
) -> None:
    assert value == read(*found(sentence))


def test_no_threshold_is_without_a_sentence() -> None:
    # Shares of STATE_BYTES, of which the test below says that they fit.
    shares = {
        "CUSTOM_FIELDS_MOST",
        "INPUTS_BYTES",
        "LIST_BYTES",
        "MOVES_BYTES",
        "SIDE_LIST_BYTES",
        "SUPPRESSED_BYTES",
    }
    checked = (
        shares
        | set(SENTENCES_OF_VIEWS)
        | {
            "ALTERNATES_MOST",
            "ALTERNATE_LAG_MS",
            "ARCHIVE_AFTER_MS",
            "BROWSE_ITEMS_MOST",
            "CART_LINES_MOST",
            "CONFLICTS_MOST",
            "CUSTOM_FIELD_BYTES",
            "EMPTY_CART_ARCHIVE_AFTER_MS",
            "ENTRIES_MOST",
            "ESTABLISHED_SPAN_MS",
            "EXTRAPOLATION_MS",
            "FINISH_BEFORE_END",
            "FINISH_BEFORE_END_BY_FORMAT",
            "HISTORY_MOST",
            "LISTING_FLOOR",
            "LISTING_FLOOR_UNKNOWN_MS",
            "MESSAGES_MOST",
            "ORDER_LINES_MOST",
            "READING_FINISHED_PPM",
            "REOPENED_WITHIN_MS",
            "RESET_TOLERANCE_MS",
            "SEARCH_ARCHIVE_AFTER_MS",
            "STATE_BYTES",
        }
    )
    assert {name for name in vars(thresholds) if name.isupper() and name[0] != "_"} == checked


def test_the_largest_lists_of_a_state_fit_into_it() -> None:
    room = thresholds.STATE_BYTES - thresholds.LIST_BYTES
    assert room > thresholds.SIDE_LIST_BYTES
    body = SERVICE_LIMITS.body_bytes
    assert body + thresholds.MOVES_BYTES < thresholds.STATE_BYTES
    submitted, errors = body, thresholds.SIDE_LIST_BYTES
    assert submitted + thresholds.INPUTS_BYTES + errors < thresholds.STATE_BYTES
    fields = thresholds.CUSTOM_FIELDS_MOST * thresholds.CUSTOM_FIELD_BYTES
    assert fields <= thresholds.LIST_BYTES


@pytest.mark.parametrize(
    ("duration_ms", "expected"), [(999_999, 19_999), (3_000_000, 60_000), (9_000_000, 60_000)]
)
def test_a_share_rounds_down_and_has_a_cap(duration_ms: int, expected: int) -> None:
    assert share(2, 60).of(duration_ms) == expected
