"""Hard cases 7, 8, 32 and 33: one active device a journey, and so many in a household."""

from __future__ import annotations

import asyncio

from journey.v1.references_pb2 import Lease
from journey.v1.sessions_pb2 import COMMAND_KIND_PAUSE
from journey_client import JourneyKey, Recorded
from tests.stage import DeviceOfStory, Stage, place

FILM = JourneyKey("media", "film")
HOUSEHOLD = {"limit_group": "household-7", "lease_limits": "media=2"}


def lease_of(recorded: Recorded) -> Lease:
    """What a play is told of the lease."""
    return recorded.results[0].lease


def has(recorded: Recorded, device: DeviceOfStory) -> bool:
    """Whether the play made this device the active one."""
    return lease_of(recorded).installation_id == device.session.installation_id


async def test_hard_case_07_a_take_over_silences_the_old_device_until_it_is_played_on_again(
    stage: Stage,
) -> None:
    tv, laptop = await stage.device("tv"), await stage.device("laptop")
    on_tv = tv.session.watch()
    first = lease_of(await tv.play("film", "00:00", at="20:00"))
    await tv.progress("film", "30:00", at="20:30", epoch=first.epoch)
    second = lease_of(await laptop.play("film", "30:00", at="20:30:10"))
    assert second.epoch == first.epoch + 1
    async with asyncio.timeout(10):
        told = await on_tv.until(lambda view: bool(view.commands))
    assert [command.kind for command in told.commands] == [COMMAND_KIND_PAUSE]

    await tv.progress("film", "40:00", at="20:40", epoch=first.epoch)
    await laptop.progress("film", "39:30", at="20:40:10", epoch=second.epoch)
    film = await laptop.sees("media", "film")
    assert (film.media.point_ms, film.last_device_id) == (place("39:30"), "laptop")
    stale = [event for event in await tv.events("media.progressed") if event.lease_stale]
    assert [event.interaction.media_progressed.point_ms for event in stale] == [place("40:00")]

    third = await tv.play("film", "40:30", at="20:41")
    assert (lease_of(third).epoch, has(third, tv)) == (second.epoch + 1, True)
    await tv.progress("film", "45:30", at="20:46", epoch=lease_of(third).epoch)
    film = await laptop.sees("media", "film")
    assert (film.media.point_ms, film.last_device_id) == (place("45:30"), "tv")


async def test_hard_case_08_a_device_that_dies_is_extrapolated_to_the_end_of_its_lease(
    stage: Stage,
) -> None:
    tv, phone = await stage.device("tv"), await stage.device("phone")
    lease = lease_of(await tv.play("film", "00:00", at="20:00"))
    await tv.progress("film", "10:00", at="20:10", epoch=lease.epoch)
    stage.at("20:10:20")
    assert (await phone.session.resume(*FILM)).point_ms == place("10:20"), "moved on to now"
    stage.at("20:30")
    dead = await phone.session.resume(*FILM)
    assert dead.point_ms == place("10:45"), "45 s, and not one more"
    assert dead.journey.media.point_ms == place("10:00"), "the last report"

    stage.titles = {"clip": {"duration_ms": place("00:30")}}
    await tv.play("clip", "00:00", at="21:00")
    await tv.progress("clip", "00:20", at="21:00:20")
    stage.at("21:01")
    assert (await phone.session.resume("media", "clip")).point_ms == place("00:30")


async def test_hard_case_32_two_profiles_on_one_tv_have_their_own_points_and_one_household(
    stage: Stage,
) -> None:
    mila = await stage.device("tv", subject="mila", claims=HOUSEHOLD)
    noor = await stage.device("tv", subject="noor", claims=HOUSEHOLD)
    phone = await stage.device("phone", subject="mila", claims=HOUSEHOLD)
    await mila.play("film", "00:00", at="20:00")
    await mila.pause("film", "10:00", at="20:10")
    await noor.play("film", "00:00", at="20:11")
    await noor.pause("film", "03:00", at="20:14")
    assert (await mila.film()).point_ms == place("10:00")
    assert (await noor.film()).point_ms == place("03:00")

    assert has(await mila.play("film", "10:00", at="21:00"), mila)
    assert has(await noor.play("film", "03:00", at="21:00:10"), noor)
    assert not has(await phone.play("other", "00:00", at="21:00:20"), phone), "both count"


async def test_hard_case_33_a_place_is_denied_while_taken_and_free_45_s_after_a_crash(
    stage: Stage,
) -> None:
    tv, laptop, phone = [
        await stage.device(name, claims=HOUSEHOLD) for name in ("tv", "laptop", "phone")
    ]
    assert has(await tv.play("one", "00:00", at="20:00"), tv)
    lease = lease_of(await laptop.play("two", "00:00", at="20:00:10"))
    denied = await phone.play("three", "00:00", at="20:00:20")
    assert not has(denied, phone)
    assert (await phone.film("three")).point_ms == 0, "it is recorded all the same"
    # The TV crashes: it says no more. The laptop plays on.
    await laptop.progress("two", "00:30", at="20:00:40", epoch=lease.epoch)
    assert not has(await phone.play("three", "00:10", at="20:00:44"), phone)
    assert has(await phone.play("three", "00:10", at="20:00:46"), phone)


async def test_hard_case_33_of_two_starts_at_once_for_the_last_place_exactly_one_gets_it(
    two_services: Stage,
) -> None:
    stage = two_services
    tv, laptop, phone = [
        await stage.device(name, claims=HOUSEHOLD) for name in ("tv", "laptop", "phone")
    ]
    epoch = lease_of(await tv.play("one", "00:00", at="20:00")).epoch
    for attempt in range(5):
        stage.clock.pass_by(44_000)
        await tv.progress("one", "00:01", epoch=epoch)
        stage.clock.pass_by(2_000)
        players = (laptop, f"two-{attempt}"), (phone, f"three-{attempt}")
        plays = await asyncio.gather(*(each.play(film, "00:00") for each, film in players))
        got = [has(play, each) for play, (each, _) in zip(plays, players, strict=True)]
        assert sorted(got) == [False, True]
