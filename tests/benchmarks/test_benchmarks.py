import asyncio
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import NAMES
from benchmarks.figures import Figure, Result, beside, ratios, spread, stored
from benchmarks.report import BEGIN, END, README, number, page, table, write_table
from benchmarks.rounds import interleaved, quantile
from tests.architecture.tree import ROOT
from tests.faults.processes import unmeasured

# The rows of the performance page that each program answers.
ANSWERS = {
    "record": {"P1"},
    "record_stream": {"P2"},
    "appends": {"P3"},
    "get_journey": {"P4"},
    "propagation": {"P5"},
    "rebuild": {"P6"},
    "growth": {"P7"},
    "watchers": {"P8"},
    "start": {"P9"},
}
FACTS = {"processor", "cores", "system"}
library = pytest.mark.skipif(
    find_spec("psycopg") is None, reason="the library's driver comes with `make bench`"
)


# They start services of their own: what a start takes, and what is there when it starts.
ALONE = ("growth", "start")
# Only for what hangs: a busy machine takes its time.
PATIENCE_S = 540


def run(*command: str) -> subprocess.CompletedProcess[str]:
    # A service that was set up for something else must not reach in here.
    environment = {key: value for key, value in unmeasured().items() if "JOURNEY_" not in key}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


def check(name: str, results: Path, finished: subprocess.CompletedProcess[str]) -> None:
    content: dict[str, Any] = json.loads((results / f"{name}.json").read_text())
    assert content["mode"] == "tiny"
    assert content["machine"].keys() >= FACTS
    assert {"Python", "grpcio", "commit"} <= content["versions"].keys()
    assert {figure["id"] for figure in content["figures"]} - {""} == ANSWERS[name]
    assert all(figure["value"]["median"] != 0 for figure in content["figures"] if figure["id"])
    assert all(figure["goal"] in finished.stdout for figure in content["figures"])


@pytest.mark.slow
@pytest.mark.timeout(PATIENCE_S + 60)
@pytest.mark.parametrize("name", ALONE)
def test_a_measurement_runs_and_stores_what_it_found(name: str, tmp_path: Path) -> None:
    finished = run(f"benchmarks.{name}", "--tiny", "--results", str(tmp_path))
    assert finished.returncode == 0, finished.stderr
    check(name, tmp_path, finished)


@pytest.mark.slow
@pytest.mark.timeout(PATIENCE_S + 60)
@pytest.mark.parametrize(
    "names",
    [
        [name for name in NAMES if name not in (*ALONE, "appends")],
        pytest.param(["appends"], marks=library),
    ],
    ids=["all", "appends"],
)
def test_measurements_of_one_service_run_and_store_what_they_found(
    names: list[str], tmp_path: Path
) -> None:
    finished = run("tests.benchmarks.together", str(tmp_path), *names)
    assert finished.returncode == 0, finished.stderr
    for name in names:
        check(name, tmp_path, finished)


def test_every_measurement_is_run_with_all_of_them() -> None:
    assert set(NAMES) == set(ANSWERS)


def test_a_name_that_is_none_is_refused() -> None:
    command = [sys.executable, "-m", "benchmarks", "recrod", "--tiny"]
    finished = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert finished.returncode == 2
    assert "there is no recrod" in finished.stderr


def test_a_ratio_is_taken_round_by_round() -> None:
    # The second round was twice as slow for both: their ratio is the same.
    assert ratios([10, 5, 12], [20, 10, 20]) == (0.5, 0.5, 0.6)


def test_the_first_round_warms_up_and_the_sides_take_turns() -> None:
    order: list[str] = []

    async def measure(name: str) -> int:
        order.append(name)
        return len(order)

    sides = {"A": lambda: measure("A"), "B": lambda: measure("B")}
    taken = asyncio.run(interleaved(sides, 2, lambda _: None))
    assert order == ["A", "B"] * 3
    assert taken == {"A": [3, 5], "B": [4, 6]}


def test_a_quantile_is_a_value_that_was_measured() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert quantile(values, 0.5) == 51
    assert quantile(values, 0.99) == 100
    assert quantile([7.0], 0.99) == 7


@pytest.mark.parametrize(
    ("value", "shown"), [(0.8123, "0.812"), (12.345, "12.3"), (3024.9, "3,020"), (48_251, "48,300")]
)
def test_numbers_have_three_digits(value: float, shown: str) -> None:
    assert number(value) == shown


def figure(median: float, **goal: float) -> Figure:
    value = spread([median])
    return Figure(id="P0", what="asked", value=value, value_unit="x", ours=1, **goal)  # type: ignore[arg-type]


def test_a_figure_knows_whether_it_reached_its_goal() -> None:
    assert figure(0.8, at_least=0.8).reached is True
    assert figure(0.79, at_least=0.8).reached is False
    assert figure(3.1, at_most=3).reached is False
    assert figure(1).reached is None
    assert "**not reached**" in table([figure(3.1, at_most=3)])


def test_a_result_is_read_back_as_it_was_stored() -> None:
    known = beside("bare RPC", [1, 2], [2, 4], id="P1", what="asked", unit="/s", at_least=0.8)
    result = example([known])
    assert Result.of_json(result.to_json()) == result


def example(figures: list[Figure]) -> Result:
    return Result(
        name="example",
        question="How fast?",
        command="python -m benchmarks.example",
        mode="full",
        rounds=5,
        taken_on="2026-01-31",
        machine={"cores": "2"},
        versions={"Python": "3.11"},
        settings={"in flight": "64"},
        figures=figures,
        notes=["something to know"],
    )


def test_the_table_stands_between_the_markers_and_nowhere_else(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    known = beside("bare RPC", [1], [2], id="P1", what="asked", unit="/s", at_least=0.8)
    (tmp_path / "example.json").write_text(example([known]).to_json())
    write_table(readme, tmp_path)
    text = readme.read_text()
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "| P1 | asked | 0.5 x (0.5 to 0.5) | ≥ 0.8 x | **not reached** |" in text
    assert "something to know" in text
    assert "old" not in text


def test_the_page_shows_the_stored_results() -> None:
    assert page(stored()) in README.read_text()
