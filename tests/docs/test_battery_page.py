"""The guide to the fault battery tells of every row."""

from pathlib import Path

from tests.battery.rows import ROWS

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "run-the-fault-battery.md"


def test_the_guide_lists_every_row_of_the_battery_as_the_code_has_it() -> None:
    lines = PAGE.read_text("utf-8").splitlines()
    table = lines[lines.index("| row | what is done, and broken | in CI size |") + 2 :]
    listed = table[: table.index("")]
    assert listed == [f"| {row.id} | {row.title} | {row.ci:,} {row.unit} |" for row in ROWS]
