"""Tables on narrow terminals."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.console import Console

from journey_service.cli import projecting, rebuilding
from journey_service.cli.history import JOURNAL_COLUMNS
from journey_service.cli.output import Output

CUSTOMER = "kx5qv2m3f4a7l2b6c4d5e6f7ga"
ROW = (
    "63/1200",
    CUSTOMER,
    "10:23:32",
    "cart.line_added",
    "tablet",
    "cart/main",
    "accepted",
    '{"line_key": "espresso-beans-1kg", "quantity": "2"}',
)


def printed(
    width: int, columns: Sequence[str] = JOURNAL_COLUMNS, row: Sequence[str] = ROW
) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    Output(as_json=False, console=console).table(columns, [row])
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_on_eighty_columns_what_is_copied_stays_whole_on_one_line() -> None:
    heading, row = printed(80)
    assert heading.split() == ["place", "customer", "when", "type", "journey"]
    assert row.split() == ["63/1200", CUSTOMER, "10:23:32", "cart.line_added", "cart/main"]


def test_a_wide_terminal_has_all_columns() -> None:
    heading, row = printed(200)
    assert tuple(heading.split()) == JOURNAL_COLUMNS
    assert "espresso-beans-1kg" in row


def test_on_eighty_columns_names_of_projections_and_rebuilds_stay_whole() -> None:
    name, readers = "audience_suppression_list", "device, staff, service, developer, operator"
    found = ("sku", "channel", "store", "placed_on")
    row = (name, "rebuilding", "12", "3", "1,234,567", "86,400.0 s", ", ".join(found), readers)
    heading, only = printed(80, projecting.COLUMNS, row)
    assert only.split()[:2] == [name, "rebuilding"]
    assert {"projection", "status", "version", "behind"} <= {*heading.split()}
    rebuild = ("suppression.12", "switched (dry run)", "2026-11-20 23:59", "123,456 of 123,456")
    lines = printed(80, rebuilding.COLUMNS, (*rebuild, "11 → 12", "12,345", "123"))
    assert lines[1].startswith("suppression.12  switched (dry run)  123,456 of 123,456  ")
    assert lines[0].split() == ["rebuild", "status", "events", "states", "differing"]
