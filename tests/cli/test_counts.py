"""Numbers that no message carries: refused by the name of their option, before anything is sent."""

from __future__ import annotations

import pytest

from journey_service.cli.counts import MOST, MOST_POSITION, whole
from journey_service.cli.durations import duration_ms
from journey_service.cli.ending import run
from journey_service.cli.exits import Exit, Refusal

HUGE = "99999999999999999999"


def closed_up(text: str) -> str:
    """Without spaces and frames, wherever a terminal would break its lines."""
    return "".join(text.replace("│", "").split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("groups create b2 --attempts {huge}", "less than or equal to 2147483647"),
        ("groups create b2 --attempts 0", "greater than or equal to 1"),
        ("groups update b2 --attempts 0", "greater than or equal to 1"),
        ("groups update b2 --lease {huge}y", "longer than 1,000y"),
        ("groups consume b2 --limit {huge}", "less than or equal to 2147483647"),
        ("play u --journey cart/main --speed 1e300", "less than or equal to 1000000"),
        ("play u --speed inf", "less than or equal to 1000000"),
        ("play u --speed nan", "less than or equal to 1000000"),
        ("play u --max-pause {huge}s", "longer than 1,000y"),
        ("events u --limit {huge}", "less than or equal to 2147483647"),
        ("events u --newest {huge}", "less than or equal to 2147483647"),
        ("tail --since 99999999999y --once", "longer than 1,000y"),
        ("tail --limit {huge}", "less than or equal to 2147483647"),
        ("parked list b2 --since 99999999999y", "longer than 1,000y"),
        ("parked list b2 --limit {huge}", "less than or equal to 2147483647"),
        ("rebuild journeys --keep-old 999999999999999y", "longer than 1,000y"),
        ("replay --to-group b2 --from beginning --to {huge}d", "longer than 1,000y"),
        ("replay --with fold.py --limit {huge}", "less than or equal to 2147483647"),
        ("replay --with fold.py --examples {huge}", "less than or equal to 2147483647"),
        ("projections states journeys --limit {huge}", "less than or equal to 2147483647"),
        ("projections retry journeys --partition {huge}", "less than or equal to 2147483647"),
        ("projections skip P --event 36/{huge} --reason x", "1 and 9,223,372,036,854,775,807"),
        ("projections skip P --event {huge}/1 --reason x", "0 and 2,147,483,647"),
        (
            "record u cart.cleared --expected-rev {huge}",
            "less than or equal to 9223372036854775807",
        ),
        ("show u --as-of {huge}", "0 and 9,223,372,036,854,775,807"),
        ("diff u cart/main --before {huge}", "0 and 9,223,372,036,854,775,807"),
    ],
)
def test_a_number_that_cannot_be_sent_is_a_usage_error_with_its_option_and_its_range(
    words: str,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    service: dict[str, str],
) -> None:
    monkeypatch.setenv("JOURNEY_DATA_DIR", service["data_dir"])
    monkeypatch.setenv("JOURNEY_ADDRESS", service["address"])
    typed = words.format(huge=HUGE).split()
    assert run(typed) == Exit.USAGE
    told = closed_up(capsys.readouterr().err)
    assert closed_up(said) in told
    options = [word for word in typed if word.startswith("--")]
    assert any(option in told for option in options)


def test_a_whole_number_is_read_up_to_both_ends_of_its_range() -> None:
    assert whole("--event", "0/1", "0") == 0
    assert whole("--event", "7", "007", least=1) == 7
    assert whole("--event", str(MOST), str(MOST)) == MOST
    most = str(MOST_POSITION)
    assert whole("--event", most, most, most=MOST_POSITION) == MOST_POSITION
    for digits in ("0", str(MOST + 1), "9" * 10_000):
        with pytest.raises(Refusal, match="is not between 1 and 2,147,483,647"):
            whole("--event", digits, digits, least=1)


def test_the_longest_duration_is_a_thousand_years() -> None:
    assert duration_ms("1000y") == 31_557_600_000_000
    for typed in ("1001y", "9" * 400 + "d"):
        with pytest.raises(ValueError, match=r"longer than 1,000y"):
            duration_ms(typed)
