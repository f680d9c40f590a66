"""What a broken rule looks like."""

from typing import NamedTuple

RULES = {
    "H1": "every ok append is in the final journal",
    "H2": "each event id and (installation, subject, seq) at most once",
    "H3": "answers were true, and repeats answered alike",
    "H4": "versions and positions dense; nobody saw two events at one place",
    "H5": "nothing invented: each event was attempted for that subject with that content",
    "H6": "definite failures never appear",
    "H7": "seq rises with version; no hole in an acknowledged prefix",
    "H8": "A answered before B was first sent, same subject: version A < version B",
    "H9": "expected_version e succeeded: first version is e + 1",
    "H11": "readers of the journal: begin behind their checkpoint, are sent all of each partition "
    "once and in order; a checkpoint passes what was sent, and never goes back",
    "H12": "groups: union complete; version order of first deliveries; one owner per subject and "
    "epoch; checkpoint <= lowest unsettled; settled, parked and discarded are all",
    "H13": "nothing appears below a position that some reader has passed",
}


class Finding(NamedTuple):
    """A rule that does not hold: where, for which events or calls, and what was seen instead."""

    rule: str
    subject: str
    ids: tuple[str, ...]
    seen: str

    def __str__(self) -> str:
        return (
            f"{self.rule} {self.subject} [{' '.join(self.ids)}]: {self.seen} ({RULES[self.rule]})"
        )
