"""Tables of results: on the terminal, and in README.md between its markers.

python -m benchmarks.report       write README.md's table anew from results/*.json
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.figures import RESULTS, Figure, Result, stored

README = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
HEADINGS = ("", "question", "measured (low to high)", "goal", "", "Journey", "beside it")
THOUSAND = 1_000


def main() -> int:
    """Write the table; exit status 0."""
    write_table()
    print(f"wrote {README.name} from {len(stored())} results")
    return 0


def write_table(readme: Path = README, results: Path = RESULTS) -> None:
    """Replace what stands between the markers of the page by the stored results."""
    head, _, rest = readme.read_text().partition(BEGIN)
    _, _, tail = rest.partition(END)
    readme.write_text(f"{head}{BEGIN}\n\n{page(stored(results))}\n{END}{tail}")


def page(results: Sequence[Result]) -> str:
    """Markdown: one table of all figures, then the conditions of each run."""
    figures = [figure for result in results for figure in result.figures]
    return "\n".join([table(sorted(figures, key=_order)), "", *map(_conditions, results)])


def table(figures: Iterable[Figure]) -> str:
    """Markdown table, one row a figure."""
    rows = [HEADINGS, tuple("---" for _ in HEADINGS), *map(_row, figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def plain(result: Result) -> str:
    """The same for a terminal, one line a figure, with the conditions behind it."""
    rows = [_row(figure) for figure in sorted(result.figures, key=_order)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([result.question, "", *lines, "", *result.notes, _facts(result)])


def _order(figure: Figure) -> tuple[bool, str]:
    return (not figure.id, figure.id)


def _row(figure: Figure) -> tuple[str, ...]:
    mark = {True: "reached", False: "**not reached**", None: ""}[figure.reached]
    return (
        figure.id,
        figure.what,
        _measured(figure),
        figure.goal,
        mark,
        _with_unit(figure.ours, figure.unit),
        f"{_with_unit(figure.theirs, figure.unit)} {figure.peer}".strip()
        if figure.theirs is not None
        else "",
    )


def _measured(figure: Figure) -> str:
    median, low, high = (number(value) for value in figure.value)
    return f"{median} {figure.value_unit} ({low} to {high})".replace("  ", " ")


def _with_unit(value: float | None, unit: str) -> str:
    return "" if value is None else f"{number(value)} {unit}".strip()


def number(value: float) -> str:
    """Three significant digits, thousands set apart."""
    if abs(value) >= THOUSAND:
        digits = len(str(int(abs(value)))) - 3
        return f"{round(value, -digits):,.0f}"
    return f"{value:.3g}"


def _conditions(result: Result) -> str:
    notes = "".join(f"\n- {note}" for note in result.notes)
    return f"**{result.name}** ({_facts(result)}){notes}\n"


def _facts(result: Result) -> str:
    facts = [
        f"`{result.command}`",
        result.taken_on,
        f"{result.rounds} rounds",
        *(f"{name} {value}" for name, value in result.machine.items()),
        *(f"{name} {value}" for name, value in result.versions.items()),
        *(f"{name}={value}" for name, value in result.settings.items()),
    ]
    return ", ".join(facts)


if __name__ == "__main__":
    sys.exit(main())
