"""The table of CON-3: what becomes of a batch, cell by cell, and why.

A batch is written as its interactions, each with its seq (none = unnumbered) and a letter that
stands for an event id:

    a     some content            a'    the same id, other content
    a!    a body that breaks a rule   a?    no body at all
    1..5  five fresh ones with seq 1 to 5        ..5   five fresh ones without
    1~9   fresh ones with seq 1 to 9, each almost as great as it may be

`given` lists batches (split by |) that were recorded before. `answered` is one word for each
interaction, or the status and the reason of a call that is refused:

    +   recorded                  =       known; the first answer again
    x:REASON  refused, and that is recorded        =x:REASON  that refusal again
    -:REASON  refused, nothing is recorded

`stream` lists the letters that are recorded then, in order; a number stands for so many.
"""

from typing import NamedTuple

DEVICE, NUMBERED, PLAIN = "device", "numbered back end", "plain back end"
SEQUENCED = (DEVICE, NUMBERED)
EVERYBODY = (DEVICE, NUMBERED, PLAIN)
BACK_ENDS = (NUMBERED, PLAIN)

_GAP = "FAILED_PRECONDITION SEQ_GAP"
_CLONED = "FAILED_PRECONDITION INSTALLATION_CLONED"
_FIELDS = "INVALID_ARGUMENT FIELD_VIOLATIONS"
_LARGE = "INVALID_ARGUMENT TOO_LARGE"
_CONFLICT = "ABORTED VERSION_CONFLICT"
_REUSED = "ALREADY_EXISTS EVENT_ID_REUSED"


class Cell(NamedTuple):
    """One cell. `at` is the expected version of the batch sent, None = no condition."""

    why: str
    reporters: tuple[str, ...]
    given: str
    sent: str
    answered: str
    stream: str
    at: int | None = None
    atomic: bool = False


CELLS = (
    # --- numbered: repeats, overlaps, order ------------------------------------------------------
    Cell("fresh ones are recorded", SEQUENCED, "", "1a 2b", "+ +", "ab"),
    Cell("all of it again", SEQUENCED, "1a 2b", "1a 2b", "= =", "ab"),
    Cell("the first again", SEQUENCED, "1a 2b 3c", "1a", "=", "abc"),
    Cell("the middle again", SEQUENCED, "1a 2b 3c", "2b", "=", "abc"),
    Cell("the last again", SEQUENCED, "1a 2b 3c", "3c", "=", "abc"),
    Cell("an old one again after newer ones", SEQUENCED, "1a | 2b 3c", "1a", "=", "abc"),
    Cell(
        "overlapping: the old is known, the new recorded", SEQUENCED, "1a 2b", "2b 3c", "= +", "abc"
    ),
    Cell("all of it again, and more", SEQUENCED, "1a", "1a 2b 3c", "= + +", "abc"),
    Cell("a gap behind what is processed: send from there", SEQUENCED, "1a", "3c", _GAP, "a"),
    Cell("a first batch that does not begin with 1", SEQUENCED, "", "2b", _GAP, ""),
    Cell("a gap inside the batch", SEQUENCED, "", "1a 3c", _FIELDS, ""),
    Cell("re-ordered inside the batch", SEQUENCED, "", "2b 1a", _FIELDS, ""),
    Cell("re-ordered, though all of it is known", SEQUENCED, "1a 2b", "2b 1a", _FIELDS, "ab"),
    Cell("one seq twice in the batch", SEQUENCED, "", "1a 1b", _FIELDS, ""),
    Cell("numbered and unnumbered mixed", SEQUENCED, "", "1a b", _FIELDS, ""),
    Cell("a device numbers everything", (DEVICE,), "", "a", _FIELDS, ""),
    # --- numbered: other content -----------------------------------------------------------------
    Cell(
        "a used seq with another event: a copy of the storage", SEQUENCED, "1a", "1x", _CLONED, "a"
    ),
    Cell("the same in an overlap: nothing new gets in", SEQUENCED, "1a 2b", "2x 3c", _CLONED, "ab"),
    Cell(
        "known first, then a used seq with another event",
        SEQUENCED,
        "1a 2b",
        "1a 2x 3c",
        _CLONED,
        "ab",
    ),
    Cell("a known id under a new seq: the queue goes on", SEQUENCED, "1a", "2a 3b", "= +", "ab"),
    Cell("a known id with other content", SEQUENCED, "1a", "1a'", "-:EVENT_ID_REUSED", "a"),
    Cell(
        "the same under a new seq: the queue goes on",
        SEQUENCED,
        "1a",
        "2a' 3b",
        "-:EVENT_ID_REUSED +",
        "ab",
    ),
    Cell("one id twice in the batch", SEQUENCED, "", "1a 2a 3b", "+ = +", "ab"),
    Cell(
        "one id twice with other content", SEQUENCED, "", "1a 2a' 3b", "+ -:EVENT_ID_REUSED +", "ab"
    ),
    # --- unnumbered ------------------------------------------------------------------------------
    Cell("fresh ones are recorded", (PLAIN,), "", "a b", "+ +", "ab"),
    Cell("all of it again", (PLAIN,), "a b", "a b", "= =", "ab"),
    Cell("all of it again in another order", (PLAIN,), "a b", "b a", "= =", "ab"),
    Cell("overlapping", (PLAIN,), "a b", "b c", "= +", "abc"),
    Cell("a known one between new ones", (PLAIN,), "b", "a b c", "+ = +", "bac"),
    Cell("a known id with other content", (PLAIN,), "a", "a' b", "-:EVENT_ID_REUSED +", "ab"),
    Cell("one id twice in the batch", (PLAIN,), "", "a a b", "+ = +", "ab"),
    # --- bad ones --------------------------------------------------------------------------------
    Cell(
        "one invalid in the middle: neighbours are recorded",
        SEQUENCED,
        "",
        "1a 2b! 3c",
        "+ x:FIELD_VIOLATIONS +",
        "abc",
    ),
    Cell("the same, unnumbered", (PLAIN,), "", "a b! c", "+ x:FIELD_VIOLATIONS +", "abc"),
    Cell(
        "an invalid one again gets the same refusal",
        SEQUENCED,
        "1a!",
        "1a!",
        "=x:FIELD_VIOLATIONS",
        "a",
    ),
    Cell(
        "an invalid one, then its id with valid content",
        SEQUENCED,
        "1a!",
        "2a",
        "-:EVENT_ID_REUSED",
        "a",
    ),
    Cell("no body at all", SEQUENCED, "", "1a? 2b", "x:FIELD_VIOLATIONS +", "ab"),
    Cell(
        "all of them invalid",
        SEQUENCED,
        "",
        "1a! 2b!",
        "x:FIELD_VIOLATIONS x:FIELD_VIOLATIONS",
        "ab",
    ),
    # --- sizes -----------------------------------------------------------------------------------
    Cell("empty", EVERYBODY, "", "", _FIELDS, ""),
    Cell("empty, though something was recorded", (PLAIN,), "a", "", _FIELDS, "a"),
    Cell("as many as a device may send", (DEVICE,), "", "1..200", "+*200", "200"),
    Cell("one more", (DEVICE,), "", "1..201", _LARGE, ""),
    Cell("as many as a back end may send", (NUMBERED,), "", "1..500", "+*500", "500"),
    Cell("one more", (NUMBERED,), "", "1..501", _LARGE, ""),
    Cell("as many as a back end may send", (PLAIN,), "", "..500", "+*500", "500"),
    Cell("one more", (PLAIN,), "", "..501", _LARGE, ""),
    Cell("few, but too great together", (DEVICE,), "", "1~24", _LARGE, ""),
    # --- conditions ------------------------------------------------------------------------------
    Cell("a new stream stands at 0", BACK_ENDS, "", "1a 2b", "+ +", "ab", at=0),
    Cell("the right version", BACK_ENDS, "1a", "2b 3c", "+ +", "abc", at=1),
    Cell("an old version", BACK_ENDS, "1a 2b", "3c", _CONFLICT, "ab", at=1),
    Cell("a future version", BACK_ENDS, "1a", "2b", _CONFLICT, "a", at=7),
    Cell("a version of a stream that is not there", BACK_ENDS, "", "1a", _CONFLICT, "", at=1),
    Cell("known, with its own condition", BACK_ENDS, "1a 2b", "1a 2b", "= =", "ab", at=0),
    Cell("known, with a later condition", BACK_ENDS, "1a 2b", "1a 2b", "= =", "ab", at=2),
    Cell("known, with a future condition", BACK_ENDS, "1a 2b", "1a 2b", "= =", "ab", at=9),
    Cell(
        "partly known where the version is right: refused whole",
        BACK_ENDS,
        "1a",
        "1a 2b",
        _REUSED,
        "a",
        at=1,
    ),
    Cell(
        "partly known where it is wrong: refused whole",
        BACK_ENDS,
        "1a",
        "1a 2b",
        _CONFLICT,
        "a",
        at=0,
    ),
    Cell(
        "an invalid one under a condition",
        BACK_ENDS,
        "",
        "1a 2b! 3c",
        "+ x:FIELD_VIOLATIONS +",
        "abc",
        at=0,
    ),
    Cell("no version is negative", BACK_ENDS, "", "1a", _FIELDS, "", at=-1),
    Cell("a device sets no condition", (DEVICE,), "1a", "2b", _FIELDS, "a", at=1),
    # --- all or nothing --------------------------------------------------------------------------
    Cell("fresh ones, all or nothing", BACK_ENDS, "", "1a 2b", "+ +", "ab", atomic=True),
    Cell("all known", BACK_ENDS, "1a 2b", "1a 2b", "= =", "ab", atomic=True),
    Cell("partly known", BACK_ENDS, "1a", "1a 2b", _REUSED, "a", atomic=True),
    Cell(
        "one invalid in the middle: nothing", BACK_ENDS, "", "1a 2b! 3c", _FIELDS, "", atomic=True
    ),
    Cell(
        "a known id with other content: nothing",
        BACK_ENDS,
        "1a",
        "2a' 3b",
        _REUSED,
        "a",
        atomic=True,
    ),
    Cell("and the right version", BACK_ENDS, "1a", "2b 3c", "+ +", "abc", at=1, atomic=True),
    Cell("and the wrong version", BACK_ENDS, "1a", "2b 3c", _CONFLICT, "a", at=0, atomic=True),
    Cell("a device cannot ask for it", (DEVICE,), "1a", "2b", _FIELDS, "a", atomic=True),
)
