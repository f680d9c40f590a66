"""The battery in its CI size, each row in a process of its own: `python -m tests.battery`.

Apart from this process, so that neither its event loop nor its coverage is in the clients' way.
All are in one file, which one worker runs: rows beside each other would measure one another.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.battery.mutants import MUTANTS, Mutant
from tests.battery.rows import ROWS
from tests.battery.run import Row
from tests.history.findings import RULES

ROOT = Path(__file__).parents[2]
SETTING_OUT_S = 60

pytestmark = [pytest.mark.fault]


def play(*arguments: str, within_s: float) -> subprocess.CompletedProcess[str]:
    """Run the battery as a person would, and show what it says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    played = subprocess.run(
        [sys.executable, "-m", "tests.battery", *arguments],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )
    print(played.stdout, played.stderr)
    return played


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.id, marks=pytest.mark.timeout(row.limit_s + 2 * SETTING_OUT_S))
        for row in ROWS
    ],
)
def test_a_row_of_the_battery_holds(row: Row) -> None:
    played = play("--mode", "ci", "--only", row.id, within_s=row.limit_s + SETTING_OUT_S)
    assert played.returncode == 0, played.stdout + played.stderr


@pytest.mark.parametrize(
    ("name", "mutant"),
    [
        pytest.param(name, mutant, id=f"{mutant.rule}-{name}", marks=pytest.mark.timeout(300))
        for name, mutant in MUTANTS.items()
        if mutant.in_ci
    ],
)
def test_a_service_that_breaks_its_promise_is_found_out(name: str, mutant: Mutant) -> None:
    played = play(
        *("--only", mutant.row, "--size", str(mutant.size), "--mutant", name, "--seed", "1"),
        "--discard",
        within_s=240,
    )
    assert played.returncode == 1, played.stdout + played.stderr
    assert f"\n  {mutant.rule} " in played.stdout, played.stdout + played.stderr


def test_mutants_name_rules_and_rows_that_there_are() -> None:
    assert {mutant.rule for mutant in MUTANTS.values()} <= RULES.keys()
    assert {mutant.row for mutant in MUTANTS.values()} <= {row.id for row in ROWS}
    assert sum(mutant.in_ci for mutant in MUTANTS.values()) >= 5
