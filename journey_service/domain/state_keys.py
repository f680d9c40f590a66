"""Keys of states as callers name them: the subject, and behind a slash which of its states.

In the subject's id % and / are written as %25 and %2F, so that the first slash ends it.
"""

from __future__ import annotations

import re

_ESCAPED = re.compile("%(25|2F)")


def state_key(subject_id: str, key: str) -> str:
    """The key of a subject's state; of projections with one state for each it is the subject."""
    named = subject_id.replace("%", "%25").replace("/", "%2F")
    return f"{named}/{key}" if key else named


def parts_of(text: str) -> tuple[str, str]:
    """Subject id and key of the state within it; the reverse of `state_key`."""
    named, _, key = text.partition("/")
    return _ESCAPED.sub(lambda found: {"25": "%", "2F": "/"}[found[1]], named), key
