"""Going on elsewhere: films, searches, favourites, and whatever is open on a second device."""

from __future__ import annotations

from journey.v1.interactions_pb2 import (
    Interaction,
    PreferenceSet,
    ProductViewed,
    SearchFilter,
    SearchPerformed,
)
from journey.v1.journeys_pb2 import Journey, SearchState
from journey.v1.references_pb2 import JourneyRef
from journey_client import ConnectionState, JourneyKey, interactions
from tests.projections.acts import interaction
from tests.scenarios.test_buying import account
from tests.stage import DAY_MS, Stage, points, quantities, seen_on

FILM = JourneyKey("media", "film-42")
# The film of the scenario lasts 90 minutes and is paused at 31:13.250.
DURATION_MS, LEFT_MS, LATER_MS = 5_400_000, 1_873_250, 2_000_000


async def test_scenario_A1_a_film_paused_on_the_phone_goes_on_at_the_laptop(stage: Stage) -> None:
    stage.titles = {"film-42": {"duration_ms": DURATION_MS}}
    phone = await stage.device("D1")
    on_phone = phone.session.watch()
    await phone.play("film-42", "00:00", at="20:00")
    player = phone.players["film-42"]
    for point_ms in range(15_000, LEFT_MS, 15_000):
        stage.clock.pass_by(14_000)
        await phone.act(player.progressed(point_ms))
    stage.clock.pass_by(12_250)
    await phone.act(player.paused(LEFT_MS))

    laptop = await stage.device("D2", channel="web")
    first = (await laptop.session.continue_list())[0]
    film = await laptop.sees(*FILM)
    assert first.ref == film.ref == JourneyRef(kind="media", journey_id="film-42")
    assert (film.media.point_ms, film.media.start_ms, film.media.speed) == (LEFT_MS, LEFT_MS, 0)
    assert film.last_device_id == "D1"

    at_laptop = stage.player("film-42")
    await laptop.act(at_laptop.played(LEFT_MS))
    stage.clock.pass_by(LATER_MS - LEFT_MS)
    await laptop.act(at_laptop.paused(LATER_MS))
    shown = await seen_on(on_phone, FILM, lambda journey: journey.media.point_ms == LATER_MS)
    assert shown.last_device_id == "D2"
    assert LEFT_MS in points(shown.media)
    assert shown.media.furthest_ms == LATER_MS


async def test_scenario_A3_what_was_found_on_the_phone_is_found_again_on_the_laptop(
    stage: Stage,
) -> None:
    phone = await stage.device("phone", subject="noor")
    await phone.act(searched(colour="blue"), at="18:00")
    for sku in ("SHOE-3", "SHOE-9", "SHOE-7"):
        shown = ProductViewed(product=interactions.product(sku, category="shoes"))
        await phone.act(interaction("browse/main", shown))
    await phone.act(interactions.list_item_added("favourites", "SHOE-7"))
    for sku in ("SHOE-7", "SHOE-9"):
        await phone.act(interactions.list_item_added("compare", sku))
    size = PreferenceSet(key="shoe_size", value="42", source=PreferenceSet.SOURCE_STATED)
    await phone.act(interaction("preferences/main", size))

    stage.clock.pass_by(2 * DAY_MS)
    await phone.session.reopen()
    on_phone = phone.session.watch()
    laptop = await stage.device("laptop", subject="noor", channel="web")
    on_laptop = laptop.session.watch()
    search = (await seen_on(on_laptop, JourneyKey("search", "main"))).search
    assert (search.query, search.sort) == ("running shoes", "price")
    assert filters(search) == {"size": "42", "colour": "blue"}
    browse = on_laptop.view.journeys[JourneyKey("browse", "main")].browse
    assert [item.product.sku for item in browse.items] == ["SHOE-7", "SHOE-9", "SHOE-3"]
    lists = {
        key.journey_id: keys(each)
        for key, each in on_laptop.view.journeys.items()
        if key.kind == "list"
    }
    assert lists == {"favourites": ["SHOE-7"], "compare": ["SHOE-7", "SHOE-9"]}
    preferences = on_laptop.view.journeys[JourneyKey("preferences", "main")].preferences
    assert {entry.key: entry.value for entry in preferences.entries} == {"shoe_size": "42"}

    await laptop.act(searched(colour="red"))
    await seen_on(
        on_phone,
        JourneyKey("search", "main"),
        lambda journey: filters(journey.search)["colour"] == "red",
    )


async def test_check_B11_one_channel_one_anonymous_basket_and_no_setting_are_enough(
    stage: Stage,
) -> None:
    visitor = await stage.visitor("browser")
    await visitor.add("book")
    await visitor.client.disconnect()
    again = await stage.visitor("browser", **visitor.kept_by_visitor)
    assert await again.cart() == {"book": 1}
    assert [journey.ref.kind for journey in await again.session.continue_list()] == ["cart"]
    # Accounts are switched on later: the basket is still there.
    await again.sign_in("mila")
    assert await again.cart() == {"book": 1}


async def test_check_B3_a_change_is_live_everywhere_also_while_a_service_is_away(
    stage: Stage,
) -> None:
    channels = ("web", "mobile_app", "tv_app", "store", "kiosk")
    devices = [await stage.device(f"D-{channel}", channel=channel) for channel in channels]
    watches = [device.session.watch() for device in devices]
    cart = JourneyKey("cart", "main")
    for watch in watches:
        await watch.until(lambda view: view.connection.state is ConnectionState.LIVE)
    await devices[0].set("book", 1)
    for watch in watches:
        await seen_on(watch, cart, lambda journey: quantities(journey.cart) == {"book": 1})

    shop, mila = await stage.back_end(), account("mila")
    for number in range(100):
        if number == 30:
            await stage.stop_first()
        if number == (30 if len(stage.services) == 1 else 60):
            await stage.start_first_again()
        await stage.fact(shop, mila, interactions.cart_line_added("book"))
    states = [
        await seen_on(watch, cart, lambda journey: quantities(journey.cart) == {"book": 101})
        for watch in watches
    ]
    assert len({state.SerializeToString(deterministic=True) for state in states}) == 1


def searched(colour: str) -> Interaction:
    """Running shoes of size 42 in a colour, by price."""
    wanted = [
        SearchFilter(name="size", values=["42"]),
        SearchFilter(name="colour", values=[colour]),
    ]
    body = SearchPerformed(query="running shoes", filters=wanted, sort="price", result_count=37)
    return interaction("search/main", body)


def filters(search: SearchState) -> dict[str, str]:
    """Values by filter."""
    return {each.name: each.values[0] for each in search.filters}


def keys(journey: Journey) -> list[str]:
    """Keys of a list's items, sorted."""
    return sorted(item.item_key for item in journey.list.items)
