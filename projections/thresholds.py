"""Every number that decides a published state, in one place. A change raises JOURNEYS.version, or
that of the view it is for.

Durations and places are milliseconds, shares parts per million; divisions round down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from journey.v1.interactions_pb2 import MediaFormat

_SECOND_MS = 1_000
_MINUTE_MS = 60 * _SECOND_MS
_DAY_MS = 24 * 60 * _MINUTE_MS
_KIB = 1_024


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a duration, but never more than `cap_ms`."""

    ppm: int
    cap_ms: int

    def of(self, duration_ms: int) -> int:
        """The share of this duration, ms."""
        return min(duration_ms * self.ppm // 1_000_000, self.cap_ms)


# Resume point: a run counts from this span on; below it at most so much is played again.
ESTABLISHED_SPAN_MS = 5 * _SECOND_MS
# A close further than this behind the greatest point is a player that reset itself.
RESET_TOLERANCE_MS = 5 * _SECOND_MS

# Finish line: so far before the end. Caps, because shares alone fail for long and short items.
FINISH_BEFORE_END = Share(ppm=80_000, cap_ms=3 * _MINUTE_MS)
FINISH_BEFORE_END_BY_FORMAT: Mapping[int, Share] = MappingProxyType(
    {
        MediaFormat.MEDIA_FORMAT_AUDIOBOOK: Share(ppm=20_000, cap_ms=_MINUTE_MS),
        MediaFormat.MEDIA_FORMAT_COURSE: Share(ppm=20_000, cap_ms=_MINUTE_MS),
    }
)

# Listing floor: a resume point below it is not offered in the continue list.
LISTING_FLOOR = Share(ppm=20_000, cap_ms=_MINUTE_MS)
LISTING_FLOOR_UNKNOWN_MS = 30 * _SECOND_MS

# Places published besides the resume point.
HISTORY_MOST = 10
ALTERNATES_MOST = 3
ALTERNATE_LAG_MS = 45 * _SECOND_MS
# How long a playing point is extrapolated without a lease.
EXTRAPOLATION_MS = 45 * _SECOND_MS

# Reading: a place from this share on means that the text was read to its end.
READING_FINISHED_PPM = 990_000

# A conversation that was resolved longer ago than this is not opened again by a message.
REOPENED_WITHIN_MS = 7 * _DAY_MS

# Published lists hold their newest entries and then say `more`.
MESSAGES_MOST = 100
# Changes of a conversation's mode that are kept, to tell the mode of its messages.
MODES_MOST = 100
CART_LINES_MOST = 500
ORDER_LINES_MOST = 500
ENTRIES_MOST = 1_000
BROWSE_ITEMS_MOST = 100
CONFLICTS_MOST = 5
# Custom kinds: fields of a declaration, and size of the items of one.
CUSTOM_FIELDS_MOST = 16
CUSTOM_FIELD_BYTES = 12 * _KIB
# Size of a published state, and of it for lists: long texts make lists shorter than their numbers.
STATE_BYTES = 256 * _KIB
LIST_BYTES = 192 * _KIB
SIDE_LIST_BYTES = 32 * _KIB
# Lists that stand beside a body of up to 64 KiB: moves of an order; inputs of a form.
MOVES_BYTES = 128 * _KIB
INPUTS_BYTES = 96 * _KIB

# Views. Purchases: returns published.
RETURNS_MOST = 100
# Suppression: products published, those released, and orders named with each.
SUPPRESSED_MOST = 1_000
SUPPRESSED_BYTES = 96 * _KIB
RELEASED_MOST = 200
SUPPRESSING_ORDERS_MOST = 20
# Profile: days of use that are kept, and entries published.
USE_DAYS_MOST = 400
DEVICES_MOST = 100
CHANNELS_MOST = 100
LOCALES_MOST = 20
TOUCHPOINTS_MOST = 50
# Ledger: newest writes that are kept.
SENT_MOST = 200
CONTACTS_MOST = 200
OUTCOMES_MOST = 600
CAMPAIGNS_MOST = 300
# Conversations on an agent's screen: acts of the customer that wait, and entries published.
ASKS_MOST = 100
PARTICIPANTS_MOST = 50
CONTEXT_MOST = 100
QUOTES_MOST = 20
SNIPPET_CHARS = 200

# Archived: no activity for so long.
ARCHIVE_AFTER_MS = 400 * _DAY_MS
EMPTY_CART_ARCHIVE_AFTER_MS = 90 * _DAY_MS
SEARCH_ARCHIVE_AFTER_MS = 30 * _DAY_MS
