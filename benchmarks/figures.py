"""What a measurement says: figures with their goals, as values, as JSON and as a table."""

from __future__ import annotations

import dataclasses
import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

RESULTS = Path(__file__).parent / "results"


class Spread(NamedTuple):
    """Median, least and greatest over the rounds."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Median and range of what the rounds gave."""
    return Spread(statistics.median(values), min(values), max(values))


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Ours through theirs, round by round: what disturbs one round disturbs both sides of it."""
    return spread([mine / other for mine, other in zip(ours, theirs, strict=True)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One answer. `value` is compared with the goal; `ours` and `theirs` are medians, absolute.

    `id` names the row of the performance page, empty for orientation. `theirs` is None where
    nothing is compared.
    """

    id: str
    what: str
    value: Spread
    value_unit: str
    ours: float
    theirs: float | None = None
    peer: str = ""
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def goal(self) -> str:
        """The goal in words; empty = none."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g} {self.value_unit}".strip()
        if self.at_most is not None:
            return f"≤ {self.at_most:g} {self.value_unit}".strip()
        return ""

    @property
    def reached(self) -> bool | None:
        """Whether the median is as good as the goal; None without a goal."""
        if self.at_least is not None:
            return self.value.median >= self.at_least
        if self.at_most is not None:
            return self.value.median <= self.at_most
        return None


def beside(
    peer: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    *,
    what: str,
    unit: str,
    id: str = "",  # noqa: A002  as the page calls it
    at_least: float | None = None,
    at_most: float | None = None,
) -> Figure:
    """Ours through the peer's, one value a round each."""
    return Figure(
        id=id,
        what=what,
        value=ratios(ours, theirs),
        value_unit="x",
        ours=spread(ours).median,
        theirs=spread(theirs).median,
        peer=peer,
        unit=unit,
        at_least=at_least,
        at_most=at_most,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """All that one program found, and under which conditions."""

    name: str
    question: str
    command: str
    mode: str
    rounds: int
    taken_on: str
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    settings: Mapping[str, str]
    figures: Sequence[Figure]
    notes: Sequence[str] = field(default_factory=tuple)

    def to_json(self) -> str:
        """As stored in results/NAME.json."""
        content = dataclasses.asdict(self)
        content["figures"] = [_figure_as_json(figure) for figure in self.figures]
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def of_json(cls, text: str) -> Result:
        """The result that `to_json` wrote."""
        content: dict[str, Any] = json.loads(text)
        content["figures"] = [_figure_of_json(figure) for figure in content["figures"]]
        return cls(**content)


def stored(folder: Path = RESULTS) -> list[Result]:
    """Every stored result, by name."""
    return [Result.of_json(path.read_text()) for path in sorted(folder.glob("*.json"))]


def _figure_as_json(figure: Figure) -> dict[str, Any]:
    content = dataclasses.asdict(figure)
    content["value"] = figure.value._asdict()
    return content | {"goal": figure.goal, "reached": figure.reached}


def _figure_of_json(content: Mapping[str, Any]) -> Figure:
    names = {field.name for field in dataclasses.fields(Figure)}
    values = {name: value for name, value in content.items() if name in names}
    return Figure(**values | {"value": Spread(**content["value"])})
