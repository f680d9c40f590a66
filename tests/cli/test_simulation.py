"""A simulated day: the same for a seed, right at its end whatever networks and clocks do."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from journey.v1.interactions_pb2 import Interaction
from journey_client import JourneyKey, interactions
from journey_service.cli.durations import duration_ms
from journey_service.cli.exits import Refusal
from journey_service.cli.output import Output
from journey_service.cli.simulating import finish
from journey_service.cli.simulation.acts import Act, Turn
from journey_service.cli.simulation.day import BEGIN, CAST, LAST_SCENE, Day, plan
from journey_service.cli.simulation.playing import Happened, Playing
from journey_service.cli.simulation.telling import Telling
from tests.cli.simulated import playing
from tests.transport.serving import Served, serving

YEARS_MS = duration_ms("4y")


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as service:
        yield service


def planned(seed: int = 7, account: str = "mila", devices: int = 3, offline: float = 0.3) -> Day:
    return plan(seed, account, devices=devices, offline=offline)


def telling() -> Telling:
    return Telling(Output(as_json=True))


async def recorded(day: Playing) -> dict[str, tuple[str, bytes]]:
    """What the service holds of the day: device and content by event id."""
    found = {}
    async for event in day.customer.events():
        sent = event.interaction
        body = sent.WhichOneof("body")
        if body and not body.startswith(("session", "lease")):
            content = Interaction(journey=sent.journey)
            getattr(content, body).CopyFrom(getattr(sent, body))
            found[sent.event_id] = event.type, content.SerializeToString(deterministic=True)
    return found


# --- the plan ------------------------------------------------------------------------------------


def test_a_seed_gives_the_same_acts_and_ids_and_another_seed_others() -> None:
    assert planned(7) == planned(7)
    assert planned(7) != planned(8)


def test_another_account_does_the_same_under_other_ids() -> None:
    mine, yours = planned(account="mila").acts, planned(account="noor").acts
    assert [(act.minute, act.told) for act in mine] == [(act.minute, act.told) for act in yours]
    ids = [{each.event_id for act in acts for each in act.interactions} for acts in (mine, yours)]
    assert ids[0].isdisjoint(ids[1])


def test_time_without_network_changes_no_act() -> None:
    def told(offline: float) -> list[tuple[int, str, str]]:
        acts = planned(offline=offline).acts
        return [(act.minute, act.who, act.told) for act in acts if act.turn is None]

    assert told(0) == told(0.3) == told(1)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("offline", [0.0, 0.3, 0.9, 1.0])
def test_networks_come_and_go_in_turn_and_all_are_there_when_they_must(
    seed: int, offline: float
) -> None:
    without: set[str] = set()
    for act in planned(seed, devices=5, offline=offline).acts:
        if act.turn is Turn.OFFLINE:
            assert act.who not in without
            without.add(act.who)
        elif act.turn is Turn.ONLINE:
            without.remove(act.who)
        else:
            assert not (act.online and act.who in without)
        assert not (act.minute >= LAST_SCENE and without)
    assert not without


def test_without_time_offline_nobody_loses_the_network() -> None:
    assert not [act for act in planned(offline=0).acts if act.turn]


def test_a_share_of_the_day_without_network_is_about_that_share() -> None:
    gone = {0.2: 0, 0.6: 0}
    for share in gone:
        for seed in range(30):
            turns = [act for act in planned(seed, offline=share).acts if act.who == "tv"]
            minutes = [
                act.minute if act.turn is Turn.ONLINE else -act.minute for act in turns if act.turn
            ]
            gone[share] += sum(minutes)
    whole = 30 * (LAST_SCENE - BEGIN)
    assert 0.1 < gone[0.2] / whole < 0.3
    assert 0.4 < gone[0.6] / whole < 0.7


# --- the day -------------------------------------------------------------------------------------


async def test_two_runs_of_a_seed_record_the_same_interactions(tmp_path: Path) -> None:
    found = []
    for run in ("first", "second"):
        async with serving() as served, playing(served, tmp_path / run) as day:
            await day.play()
            assert await day.compare() == []
            found.append(await recorded(day))
    assert found[0] == found[1]
    planned_ids = {each.event_id for act in planned(offline=0).acts for each in act.interactions}
    assert planned_ids <= found[0].keys()


@pytest.mark.parametrize(("devices", "offline"), [(2, 1.0), (3, 0.0), (5, 0.6)])
async def test_time_without_network_and_clocks_years_off_end_in_equal_states(
    served: Served, tmp_path: Path, devices: int, offline: float
) -> None:
    happened: list[Happened] = []
    day = playing(served, tmp_path, devices=devices, offline=offline, clock_error_ms=YEARS_MS)
    day.tell = happened.append
    async with day:
        await day.play()
        assert await day.compare() == []
        wrong_ms = [member.clocks.wrong_ms for member in day.members.values()]
        assert max(map(abs, wrong_ms)) > YEARS_MS // 10
        shown = day.members["phone"].device.view.journeys
        assert shown[JourneyKey("media", day.day.film)].media.point_ms == day.day.film_ends_ms
        assert not shown[JourneyKey("cart", "main")].cart.lines
        assert shown[JourneyKey("order", "order-7")].finished
    assert not [each for each in happened if each.failed]
    assert bool([each for each in happened if "kept on the device" in each.answer]) == bool(offline)
    assert [each.act for each in happened if each.act in day.day.acts] == list(day.day.acts)


async def test_a_device_that_shows_anything_else_is_found_and_ends_the_day_with_a_failure(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with playing(served, tmp_path, offline=0) as day:
        await day.play()
        await finish(day, telling())
        assert '"equal": true' in capsys.readouterr().out
        film = JourneyKey("media", day.day.film)
        day.members["laptop"].device.view.journeys[film].media.point_ms += 1
        found = await day.compare(within_s=0)
        assert found[0] == f"media/{day.day.film} differs in media:"
        assert len(found) == 1 + len(day.members) + 1
        with pytest.raises(Refusal, match="not all is the same"):
            await finish(day, telling(), within_s=0)
    assert '"equal": false' in capsys.readouterr().out


async def test_an_act_that_is_refused_is_told_and_ends_the_day_with_a_failure(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = playing(served, tmp_path, offline=0)
    wrong = Act(BEGIN, "phone", "puts no tea", (interactions.cart_line_added("tea", 0),))
    day.day = dataclasses.replace(day.day, acts=(wrong,))
    day.tell = telling().act
    async with day:
        await day.play()
        with pytest.raises(Refusal, match="1 acts were not recorded"):
            await finish(day, telling())
    assert "refused: FIELD_VIOLATIONS" in capsys.readouterr().out


async def test_a_day_that_was_played_is_known(served: Served, tmp_path: Path) -> None:
    first = playing(served, tmp_path / "first", offline=0)
    assert not await first.was_played()
    async with first:
        await first.play()
    assert await playing(served, tmp_path / "second").was_played()
    assert not await playing(served, tmp_path / "third", seed=8).was_played()


# --- durations -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ms"), [("90s", 90_000), ("1.5h", 5_400_000), ("2 d", 172_800_000), ("5ms", 5)]
)
def test_a_duration_is_a_number_and_a_unit(text: str, ms: int) -> None:
    assert duration_ms(text) == ms


@pytest.mark.parametrize("text", ["", "5", "h", "-1s", "3 weeks"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write a number"):
        duration_ms(text)


def test_the_cast_has_names_of_their_own() -> None:
    assert len(dict(CAST)) == len(CAST)
