"""Writes the reference pages that follow from code: `python -m docs.generate [--check]`.

A page is a function that returns its text; adding one is a line in PAGES.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from pathlib import Path

from google.rpc.code_pb2 import Code

from docs.reasons import BEFORE_THE_SERVICE, CLIENT, NOT_SERVED, RAISES, SERVED
from journey.v1.errors_pb2 import ErrorReason, ReasonRules
from journey_service.config import describe
from journey_service.transport.errors import rules_of

ROOT = Path(__file__).parent.parent
ERRORS_PROTO = ROOT / "protos" / "journey" / "v1" / "errors.proto"
MADE = "<!-- Made by `python -m docs.generate`; do not edit. -->"
PREFIX = "ERROR_REASON_"
# Comment lines that stand right above a value of an enum.
COMMENTED_VALUE = re.compile(r"((?:^ *//[^\n]*\n)+) *([A-Z][A-Z0-9_]*) = \d+", re.MULTILINE)


def errors_page() -> str:
    """Every error reason: status, meaning, what a client does, where it comes from."""
    comments = comments_of(ERRORS_PROTO)
    served = [row for row in _error_rows(comments) if row[0].strip("`") in SERVED]
    missing = [row for row in _error_rows(comments) if row[0].strip("`") in NOT_SERVED]
    head = ("reason", "status", "meaning", "a client", "where")
    waits_for = (*head[:-1], "waits for")
    return _page(
        "Errors",
        "Every error of the service carries `google.rpc.ErrorInfo` in `grpc-status-details-bin`: "
        "the reason, the domain `journey`, and metadata with `request_id`; with UNAVAILABLE also "
        "`outcome`, `none` (nothing was done) or `unknown` (send the same ids again). `BadRequest` "
        "names each field and its rule, `RetryInfo` when to come again. An interaction that is "
        "refused by itself is a result of a call that succeeds: those reasons have the mark †.",
        BEFORE_THE_SERVICE,
        "## Served",
        _table(head, served),
        "## Not served yet",
        "Names and numbers are fixed; nothing answers with them before the part of the service "
        "that they wait for is there.",
        _table(waits_for, missing),
    )


def settings_page() -> str:
    """Every setting with its variable, default, rule and meaning."""
    sections = groupby(describe(), key=lambda row: row.section)
    parts = [
        f"## {section}\n\n"
        + _table(
            ("variable", "default", "allowed", "meaning"),
            [(f"`{r.variable}`", _code(r.default), _code(r.rule), r.doc) for r in rows],
        )
        for section, rows in sections
    ]
    return _page(
        "Settings",
        "A setting is taken from the command line (`--page-size`), else from the environment, else "
        "it has its default. Units stand at the end of the names. `journey config` prints what is "
        "in force.",
        *parts,
    )


PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reference/errors.md": errors_page,
    "docs/reference/settings.md": settings_page,
}


def comments_of(proto: Path) -> dict[str, str]:
    """The comment above each value of the enums of a proto file."""
    found = COMMENTED_VALUE.findall(proto.read_text("utf-8"))
    return {
        name: " ".join(line.strip(" /") for line in comment.splitlines()) for comment, name in found
    }


def _error_rows(comments: Mapping[str, str]) -> Iterable[tuple[str, ...]]:
    for value in ErrorReason.DESCRIPTOR.values:
        if not value.number:
            continue
        rules = rules_of(value)
        name = value.name.removeprefix(PREFIX)
        yield (
            f"`{name}`",
            (Code.Name(rules.code) if rules.code else "–") + (" †" if rules.in_results else ""),
            comments[value.name],
            _action(rules),
            SERVED.get(name) or NOT_SERVED[name],
        )


def _action(rules: ReasonRules) -> str:
    """What a client library does; with results of Record a callback takes the place of raising."""
    does = CLIENT[rules.action]
    return f"{does}; `on_rejected` of a result" if rules.in_results and does == RAISES else does


def _page(title: str, *parts: str) -> str:
    return "\n\n".join((f"# {title}", MADE, *parts)) + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = tuple(head)
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines
    )


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check say which are stale; returns the exit status."""
    stale = [name for name, page in PAGES.items() if _text_of(ROOT / name) != page()]
    if "--check" in arguments:
        for name in stale:
            print(f"{name} is stale: run `make generate`")
        return int(bool(stale))
    for name in stale:
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(PAGES[name](), "utf-8")
        print(f"wrote {name}")
    return 0


def _text_of(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
