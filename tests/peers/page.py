"""docs/peers.md, made of the table of cases."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from tests.peers.case import Case
from tests.peers.cases import CASES

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "peers.md"
_MARKS = {"holds": "holds", "differs": "**differs**", "not applicable": "not applicable"}


def text() -> str:
    """The page."""
    parts = [_HEAD.format(summary=summary())]
    for peer, cases in groupby(CASES, key=lambda case: case.peer):
        rows = "\n".join(_row(case) for case in cases)
        parts.append(
            f"## {peer}\n\n| case | what it asks | here | shown by |\n|---|---|---|---|\n{rows}\n"
        )
    return "\n".join(parts)


def summary() -> str:
    """How many hold, in a sentence."""
    holding = sum(case.standing == "holds" for case in CASES)
    differing = sum(case.standing == "differs" for case in CASES)
    other = len(CASES) - holding - differing
    share = 100 * holding / (len(CASES) - other)
    return (
        f"Of {len(CASES)} cases {holding} hold, {differing} differ on purpose, {other} do not "
        f"apply: {share:.0f} % of those that apply."
    )


def _row(case: Case) -> str:
    why = case.differs or case.not_applicable
    here = _MARKS[case.standing] + (f": {why}" if why else "")
    return f"| `{case.name}` | {case.says} | {here} | {'<br>'.join(map(_link, case.shown))} |"


def _link(shown: str) -> str:
    file, _, function = shown.partition("::")
    row = function.partition("[")[2]
    return f"[{Path(file).name}](../{file})" + (f" `[{row}`" if row else "")


_HEAD = """# Peers' behaviours

<!-- Made by `python -m tests.peers`; do not edit. -->

The suites of event stores, of projections and of drivers ask questions that come up again with
every new one. Those that apply here are named cases with a test each; where Journey does
otherwise on purpose, it says why. {summary}

The contract classes of the `eventsourcing` library are run as shipped; see
[how to use Journey with it](how-to/use-with-eventsourcing.md).
"""
