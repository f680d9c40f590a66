"""The battery finds out services that were broken on purpose. They measure nothing, so this may run
beside the rows."""

import pytest

from tests.battery.mutants import MUTANTS, Mutant
from tests.battery.playing import play
from tests.battery.rows import ROWS
from tests.history.findings import RULES

pytestmark = [pytest.mark.fault]


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
