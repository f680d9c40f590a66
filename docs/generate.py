"""Writes the reference pages that follow from code: `python -m docs.generate [--check]`.

A page is a function that returns its text; adding one is a line in PAGES.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, groupby
from pathlib import Path

from google.rpc.code_pb2 import Code

from docs import views
from docs.promises import GUARANTEES, HARD_CASES
from docs.reasons import BEFORE_THE_SERVICE, CLIENT, NOT_SERVED, RAISES, SERVED
from journey.v1.errors_pb2 import ErrorReason, ReasonRules
from journey_service.config import describe
from journey_service.transport.errors import rules_of
from projections import VIEWS
from projections.view import View

ROOT = Path(__file__).parent.parent
ERRORS_PROTO = ROOT / "protos" / "journey" / "v1" / "errors.proto"
MADE = "<!-- Made by `python -m docs.generate`; do not edit. -->"
PREFIX = "ERROR_REASON_"
# Tests that carry the number of what they show.
PROMISED = re.compile(
    r"^(?:async )?def test_(?:hard_case_(?P<case>\d+)|(?P<guarantee>g\d)"
    r"|scenario_(?P<story>A\d+)|check_(?P<check>B\d+))_(?P<words>\w+)",
    re.MULTILINE,
)
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


def views_page() -> str:
    """Every view that can be read by name, and what the states of each tell."""
    return _page(
        "Views",
        "What `ProjectionService` reads by name. `GetState` gives one state as of the last commit: "
        "its key is the subject and, where a subject has several states, a slash and what the "
        "third column says. `ListStates` gives states as stored, by the begin of their keys and by "
        "the fields under which they are found; `WatchProjection` gives those that change. Nothing "
        "in a state depends on now, and the same events give the same bytes in whatever order.",
        _table(views.HEADINGS, views.catalogue()),
        *chain.from_iterable(map(_view, VIEWS)),
    )


def _view(view: View) -> Iterable[str]:
    """The section of a view whose messages views.proto tells."""
    messages = views.messages_of(view)
    if messages:
        yield f"## {view.name}"
        yield views.explained(view)
    for told in messages:
        yield f"### {told.name}"
        yield told.comment
        yield _table(told.headings, told.rows())


def promises_page() -> str:
    """Hard cases, guarantees and scenarios, each with the tests that show it.

    Raises ValueError for a promise without test, or a number without promise.
    """
    cases = {str(number): promise for number, promise in HARD_CASES.items()}
    found = promised_tests()
    unknown = found.keys() - cases.keys() - GUARANTEES.keys()
    stories = sorted(unknown, key=lambda name: (name[0], int(name[1:])))
    if stray := [name for name in stories if name[0] not in "AB"]:
        raise ValueError(f"tests name hard cases or guarantees that nobody wrote down: {stray}")
    told = [(name, "; ".join(words for _, words in found[name])) for name in stories]
    return _page(
        "What Journey promises, and where it is shown",
        "Each row is a promise, and the tests that fail when it is broken, `file::name`. They run "
        "with `make test`, one of them with `make test ARGS=file::name`.",
        "## Hard cases of synchronisation",
        _promises(cases.items(), found),
        "## Guarantees",
        _promises(GUARANTEES.items(), found),
        "## Scenarios (A) and checks (B)",
        "What whole customers do over all their channels, with every interaction through the real "
        "service; of the scenarios planned these are there.",
        _promises(told, found),
    )


def promised_tests() -> dict[str, list[tuple[str, str]]]:
    """By hard case, guarantee, scenario or check: `file::name` of its tests, and their words."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for test in PROMISED.finditer(path.read_text("utf-8")):
            case, *others = test.group("case", "guarantee", "story", "check")
            name = str(int(case)) if case else "".join(filter(None, others)).upper()
            function = test[0].partition("def ")[2]
            place = f"{path.relative_to(ROOT).as_posix()}::{function}"
            found.setdefault(name, []).append((place, test["words"].replace("_", " ")))
    return found


def _promises(
    promises: Iterable[tuple[str, str]], found: Mapping[str, list[tuple[str, str]]]
) -> str:
    rows = []
    for name, promise in promises:
        if name not in found:
            raise ValueError(f"no test shows {name}: {promise}")
        rows.append((name, promise, "<br>".join(f"`{place}`" for place, _ in found[name])))
    return _table(("no.", "promise", "shown by"), rows)


PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reference/errors.md": errors_page,
    "docs/reference/hard-cases.md": promises_page,
    "docs/reference/settings.md": settings_page,
    "docs/reference/views.md": views_page,
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
