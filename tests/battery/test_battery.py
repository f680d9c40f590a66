"""The battery in its CI size, each row in a process of its own: `python -m tests.battery`.

Apart from this process, so that neither its event loop nor its coverage is in the clients' way.
All rows are in one file, which one worker runs: beside each other they would measure one another.
"""

import pytest

from tests.battery.playing import play
from tests.battery.rows import ROWS
from tests.battery.run import Row

SETTING_OUT_S = 60

pytestmark = [pytest.mark.fault]


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
