"""What gets an interaction refused by itself, while its call succeeds."""

import time
from typing import Any

from journey.v1.interactions_pb2 import (
    CartLineLimitSet,
    InputSaved,
    Interaction,
    MediaPlayed,
)
from journey.v1.references_pb2 import JourneyRef
from tests.transport.serving import (
    batch,
    event_id,
    listed,
)
from tests.transport.world import DAY_MS, World, form, provokes


@provokes("FIELD_VIOLATIONS")
async def an_interaction_without_a_required_field(world: World) -> Any:
    interaction = listed()
    interaction.list_item_added.ClearField("item")
    return await world.result(interaction)


@provokes("FIELD_VIOLATIONS")
async def an_interaction_without_body(world: World) -> Any:
    interaction = listed()
    interaction.ClearField("body")
    return await world.result(interaction)


@provokes("FIELD_VIOLATIONS")
async def an_event_id_that_is_none(world: World) -> Any:
    return await world.result(listed(event_id="seventeen"))


@provokes("TOO_LARGE")
async def a_body_that_is_too_large(world: World) -> Any:
    interaction = listed()
    interaction.list_item_added.note = "x" * 16_400
    return await world.result(interaction)


@provokes("TYPE_UNKNOWN")
async def a_body_that_only_newer_servers_know(world: World) -> Any:
    interaction = listed()
    interaction.ClearField("body")
    number_9999, empty = b"\xfa\xf0\x04", b"\x00"
    return await world.result(
        Interaction.FromString(interaction.SerializeToString() + number_9999 + empty)
    )


@provokes("FORBIDDEN_CONTENT")
async def a_card_number_in_a_form(world: World) -> Any:
    interaction = listed(journey=JourneyRef(kind="form", journey_id="address"))
    interaction.input_saved.CopyFrom(InputSaved(attempt=1))
    interaction.input_saved.fields["remark"].text = "4111 1111 1111 1111"
    return await world.result(interaction)


@provokes("RUN_MISMATCH")
async def a_run_of_another_film(world: World) -> Any:
    interaction = listed(journey=JourneyRef(kind="media", journey_id="film"))
    interaction.media_played.CopyFrom(
        MediaPlayed(
            run_id="a" * 24 + "00000000",
            opened_by="RUN_OPENER_PLAY",
            cause="CAUSE_START",
            speed=1_000,
        )
    )
    return await world.result(interaction)


@provokes("ACTOR_NOT_ALLOWED")
async def a_device_that_reports_what_only_back_ends_may(world: World) -> Any:
    interaction = listed(journey=JourneyRef(kind="cart", journey_id="main"))
    interaction.cart_line_limit_set.CopyFrom(CartLineLimitSet(line_key="x", reason="REASON_STOCK"))
    return await world.result(interaction)


@provokes("BOT_SUSPECTED")
async def a_form_whose_hidden_field_was_filled(world: World) -> Any:
    return await world.result(form(trap_filled=True))


@provokes("REV_MISMATCH")
async def a_form_submitted_on_a_rev_that_is_not_the_last(world: World) -> Any:
    return await world.result(form(expected_rev=7))


@provokes("TOO_OLD")
async def an_interaction_older_than_the_late_limit(world: World) -> Any:
    old_ms = int(time.time() * 1_000) - 31 * DAY_MS
    return await world.result(listed(wall_ms=old_ms, mono_ms=0, boot_id="another", offset_ms=0))


@provokes("EVENT_ID_REUSED")
async def an_event_id_with_other_content(world: World) -> Any:
    session, same = await world.served.open_session(), event_id()
    await world.record(batch(session, listed(1, event_id=same)))
    answer = await world.record(batch(session, listed(2, "bread", event_id=same)))
    return answer.results[0]
