import time

import pytest

from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.starting import end_point, start_point

CHECKPOINT = "CgQIARAB" * 4


def test_the_two_ends_of_the_journal_have_names() -> None:
    assert start_point("beginning").WhichOneof("point") == "beginning"
    assert start_point("end").WhichOneof("point") == "end"


def test_a_moment_is_one_of_its_zone() -> None:
    assert start_point("2026-11-22T08:00+00:00").recorded_ms == 1_795_334_400_000
    assert end_point("2026-11-22T08:00+01:00").recorded_ms == 1_795_330_800_000


@pytest.mark.parametrize(("typed", "ago_ms"), [("90s", 90_000), ("2h", 7_200_000), ("0s", 0)])
def test_a_duration_is_so_long_ago(typed: str, ago_ms: int) -> None:
    expected = time.time() * 1_000 - ago_ms
    assert start_point(typed).recorded_ms == pytest.approx(expected, abs=5_000)


def test_what_looks_like_a_checkpoint_is_one() -> None:
    assert start_point(CHECKPOINT).checkpoint == CHECKPOINT
    assert end_point(CHECKPOINT).checkpoint == CHECKPOINT


@pytest.mark.parametrize("typed", ["2026-13-01", "2026-11-22T25:00", "3 weeks"])
def test_a_moment_that_there_is_not_is_refused_with_what_can_be_written(typed: str) -> None:
    with pytest.raises(Refusal, match=typed) as refused:
        start_point(typed)
    assert refused.value.ending.status == Exit.USAGE
    assert "2h" in refused.value.ending.next_step


@pytest.mark.parametrize("typed", ["end", "beginning"])
def test_where_to_stop_is_refused_with_what_can_be_written_there(typed: str) -> None:
    with pytest.raises(Refusal, match=f"--to {typed}: is no point") as refused:
        end_point(typed)
    assert "beginning" not in refused.value.ending.next_step
    assert "a moment in UTC" in refused.value.ending.next_step
