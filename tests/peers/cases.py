"""The named cases of peers' suites, each with the test that shows it here or why there is none.

This table is the one place: docs/peers.md is made of it (`python -m tests.peers`), and tests fail
for a case that has neither a test nor a reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.peers.case import Case
from tests.peers.kurrentdb import KURRENTDB
from tests.peers.others import OTHERS

CASES: tuple[Case, ...] = (*KURRENTDB, *OTHERS)


def cases_of(peer: str) -> Sequence[Case]:
    """The cases of one peer, in order."""
    return [case for case in CASES if case.peer == peer]
