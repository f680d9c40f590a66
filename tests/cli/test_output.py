"""Tables on narrow terminals."""

from __future__ import annotations

import io

from rich.console import Console

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


def printed(width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    Output(as_json=False, console=console).table(JOURNAL_COLUMNS, [ROW])
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
