"""Hard cases 14, 15 and 20: devices whose clocks are wrong, and acts that are too old."""

from __future__ import annotations

import pytest

from journey.v1.errors_pb2 import ERROR_REASON_TOO_OLD as TOO_OLD
from journey.v1.events_pb2 import OUTCOME_QUARANTINED, TimeQuality
from journey_client import errors
from tests.stage import DAY_MS, Stage, place

YEAR_MS = 365 * DAY_MS
# What a device without battery believes after a start: 1970.
FACTORY = -56 * YEAR_MS


async def test_hard_case_14_a_device_that_forgot_the_time_does_not_beat_what_others_did(
    stage: Stage,
) -> None:
    phone, tv = await stage.device("phone"), await stage.device("tv")
    await phone.play("film", "00:00", at="19:00")
    await phone.pause("film", "10:00", at="19:10")
    phone.disconnect()
    stage.at("19:30")
    phone.clocks.start_anew(off_ms=FACTORY)
    phone.client._clock._samples.clear()
    await phone.play("film", "10:00", at="19:40")
    await phone.pause("film", "15:00", at="19:45")
    stage.at("19:50")
    phone.clocks.start_anew(off_ms=0)
    await tv.play("film", "10:00", at="20:00")
    await tv.pause("film", "40:00", at="20:30")
    await phone.reconnect(at="21:00")

    film = await tv.sees("media", "film")
    assert (film.media.point_ms, film.last_device_id) == (place("40:00"), "tv")
    qualities = {event.time_quality for event in await tv.events("media.*")}
    assert TimeQuality.TIME_QUALITY_FLOOR in qualities
    assert len(await tv.events("media.*")) == 6


async def test_hard_case_15_a_date_set_ahead_and_back_changes_neither_order_nor_time(
    stage: Stage,
) -> None:
    phone = await stage.device("phone")
    phone.disconnect()
    await phone.add("first", at="20:00")
    phone.clocks.off_ms = YEAR_MS
    await phone.add("second", at="20:10")
    phone.clocks.off_ms = 0
    await phone.add("third", at="20:20")
    await phone.reconnect(at="20:30")

    happened = await phone.events("cart.*")
    added = [event.interaction.cart_line_added.line.product.sku for event in happened]
    assert added == ["first", "second", "third"]
    true_times = [interaction_at(stage, text) for text in ("20:00", "20:10", "20:20")]
    off = [event.occurrence.t_ms - true for event, true in zip(happened, true_times, strict=True)]
    assert max(map(abs, off)) <= 1_000


async def test_hard_case_20_an_act_of_31_days_ago_is_kept_without_effect(stage: Stage) -> None:
    phone = await stage.device("phone")
    phone.disconnect()
    await phone.add("old")
    stage.clock.pass_by(31 * DAY_MS)
    await phone.reconnect()
    result = phone.answered.results[0]
    assert (result.outcome, result.reason) == (OUTCOME_QUARANTINED, TOO_OLD)
    with pytest.raises(errors.JourneyNotFound):
        await phone.cart()
    kept = await phone.events(outcomes=(OUTCOME_QUARANTINED,))
    assert [event.interaction.cart_line_added.line.product.sku for event in kept] == ["old"]


def interaction_at(stage: Stage, text: str) -> int:
    """A true time of the day of the story, ms since 1970 UTC."""
    hours, minutes = text.split(":")
    midnight = stage.clock.time_ms // DAY_MS * DAY_MS
    return midnight + (int(hours) * 60 + int(minutes)) * 60_000
