"""DiffJourney: a journey at two points, the fields that differ, the events in between."""

from __future__ import annotations

import pytest

from journey.v1.history_service_pb2 import DiffJourneyRequest, DiffJourneyResponse
from journey.v1.interactions_pb2 import Interaction, SeriesMember, SeriesUpdated
from journey.v1.reading_pb2 import AsOf
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.errors import (
    CustomerNotFound,
    FieldViolations,
    JourneyNotFound,
    TokenMismatch,
)
from journey_service.settings import Settings
from tests.application.scene import CART, DEVELOPER, FILM, Scene, added, paused, played, scene

SERIES = JourneyRef(kind="series", journey_id="nights")


async def diff(
    stage: Scene, before: AsOf, after: AsOf | None = None, ref: JourneyRef = CART
) -> DiffJourneyResponse:
    """Between two points of mila."""
    request = DiffJourneyRequest(subject_id="mila", journey=ref, before=before, after=after)
    return await stage.application.diff_journey(DEVELOPER, request)


def changes(found: DiffJourneyResponse) -> dict[str, tuple[str, str]]:
    """Values by path, but of what every act changes."""
    every = ("activity.", "updated_at_ms", "cart.digest")
    return {
        change.path: (change.before_json, change.after_json)
        for change in found.changes
        if not change.path.startswith(every)
    }


async def test_the_fields_that_differ_are_told_with_the_events_in_between() -> None:
    stage = await scene()
    phone = await stage.device()
    first = (await phone.record(added("tea"))).write_token
    second = (await phone.record(added("tea", 2), played(0))).write_token
    await phone.record(added("mug"))
    found = await diff(stage, AsOf(token=first), AsOf(token=second))
    assert changes(found) == {
        'cart.lines["tea"].quantity': ('"1"', '"3"'),
        'cart.lines["tea"].wanted': ('"1"', '"3"'),
    }
    assert [event.type for event in found.events] == ["cart.line_added"]
    assert (found.before.cart.lines[0].quantity, found.after.cart.lines[0].quantity) == (1, 3)
    assert not found.truncated


async def test_without_a_second_point_it_is_compared_with_how_it_stands_now() -> None:
    stage = await scene()
    phone = await stage.device()
    first = (await phone.record(added("tea"))).write_token
    await phone.record(added("tea", 4))
    found = await diff(stage, AsOf(token=first))
    assert changes(found)['cart.lines["tea"].quantity'] == ('"1"', '"5"')
    again = await phone.resume(CART)
    assert found.after == again


async def test_two_points_that_are_the_same_have_nothing_between_them() -> None:
    stage = await scene()
    token = AsOf(token=(await (await stage.device()).record(added("tea"))).write_token)
    found = await diff(stage, token, token)
    assert (list(found.changes), list(found.events)) == ([], [])


async def test_backwards_the_values_change_places_and_the_events_stay() -> None:
    stage = await scene()
    phone = await stage.device()
    first, last = [AsOf(token=(await phone.record(added("tea"))).write_token) for _ in range(2)]
    forth, back = await diff(stage, first, last), await diff(stage, last, first)
    assert changes(back) == {path: (b, a) for path, (a, b) in changes(forth).items()}
    assert list(back.events) == list(forth.events)


async def test_a_journey_that_was_not_begun_differs_in_all_its_fields() -> None:
    stage = await scene()
    phone = await stage.device()
    first = (await phone.record(played(0))).write_token
    await phone.record(added("tea"))
    found = await diff(stage, AsOf(token=first))
    assert not found.HasField("before")
    assert changes(found)["ref.kind"] == ("", '"cart"')


async def test_what_a_series_is_made_up_of_lies_between_its_states() -> None:
    stage = await scene()
    phone = await stage.device()
    told = SeriesUpdated(members=[SeriesMember(journey=FILM, order_key="1")])
    first = (await phone.record(Interaction(journey=SERIES, series_updated=told))).write_token
    await phone.record(played(0), paused(120_000), added("tea"))
    found = await diff(stage, AsOf(token=first), ref=SERIES)
    assert changes(found)["series.current.journey_id"] == ("", '"film-42"')
    assert [event.type for event in found.events] == ["media.played", "media.paused"]


async def test_points_in_time_count_what_occurred_although_it_was_recorded_late() -> None:
    stage = await scene()
    phone, laptop = await stage.device(), await stage.device()
    await laptop.record(added("tea"))
    await phone.record(added("mug"), ago_ms=3_600_000)
    now_ms = stage.application.now_ms()
    found = await diff(stage, AsOf(occurred_ms=now_ms - 1_800_000), AsOf(occurred_ms=now_ms))
    assert [event.interaction.cart_line_added.line.product.sku for event in found.events] == ["tea"]


async def test_more_events_than_fit_are_cut_and_it_is_said() -> None:
    for settings in (Settings(diff_events=2), Settings(diff_bytes=1_024)):
        stage = await scene(settings)
        phone = await stage.device()
        first = (await phone.record(added("tea"))).write_token
        await phone.record(*(added("tea") for _ in range(9)))
        found = await diff(stage, AsOf(token=first))
        assert found.truncated
        assert 0 < len(found.events) < 9
        assert changes(found)['cart.lines["tea"].quantity'] == ('"1"', '"10"')


async def test_a_journey_that_was_at_neither_point_is_not_found() -> None:
    stage = await scene()
    token = AsOf(token=(await (await stage.device()).record(added("tea"))).write_token)
    with pytest.raises(JourneyNotFound, match="no journey media/film-42"):
        await diff(stage, token, ref=FILM)
    with pytest.raises(CustomerNotFound):
        await diff(await scene(), AsOf(recorded_ms=1))


async def test_a_point_that_cannot_be_used_is_named_by_its_field() -> None:
    stage = await scene()
    token = AsOf(token=(await (await stage.device()).record(added("tea"))).write_token)
    with pytest.raises(FieldViolations, match="after: one of"):
        await diff(stage, token, AsOf())
    with pytest.raises(TokenMismatch) as refused:
        await diff(stage, AsOf(token="rubbish"))
    assert refused.value.metadata["field"] == "before.token"
