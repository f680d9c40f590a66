"""Watches of customers of several subjects: who joins comes as a delta, who leaves as a reset."""

from __future__ import annotations

import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

import projections
from journey.v1.journey_service_pb2 import WatchResponse
from journey.v1.references_pb2 import JourneyRef
from journey.v1.stream_pb2 import (
    RESET_REASON_FILTER_CHANGED,
    RESET_REASON_JOURNAL_REWOUND,
    RESET_REASON_MEMBERS_LEFT,
    RESET_REASON_TOKEN_TOO_OLD,
    StreamOpened,
)
from journey_client._copy import Copy, Step
from journey_service.domain.errors import CustomerMismatch
from journey_service.domain.identity import partition_of
from journey_service.ports import SubjectSnapshot
from tests.application.linking import link
from tests.application.scene import (
    FILM,
    DeviceInUse,
    Watching,
    added,
    paused,
    played,
    progressed,
    scene,
)
from tests.application.test_linked_customers import visitor_and_account
from tests.contract.rewinding import restore_in_memory

HERS = JourneyRef(kind="cart", journey_id="hers")


@dataclass(slots=True)
class Screen:
    """A client's copy behind a watch, and the frames that made it."""

    watching: Watching
    copy: Copy
    frames: list[str] = field(default_factory=list)
    opened: StreamOpened = field(default_factory=StreamOpened)

    async def next(self) -> WatchResponse:
        frame = await self.watching.take()
        assert self.copy.apply(frame) is not Step.HOLE
        self.frames.append(frame.WhichOneof("content") or "")
        if frame.HasField("opened"):
            self.opened = frame.opened
        return frame

    async def level(self) -> None:
        while (await self.next()).WhichOneof("content") != "caught_up":
            pass

    async def until(self, other: Copy) -> None:
        """Go on until both show the same; waiting in vain fails."""
        while _shown(self.copy) != _shown(other):
            await self.next()


def _shown(copy: Copy) -> tuple[object, ...]:
    return (copy.journeys, copy.continue_keys, copy.customer_id, copy.leases)


async def screen(stack: AsyncExitStack, device: DeviceInUse, before: Copy | None = None) -> Screen:
    """A watch that is level, of a fresh copy or of one that goes on."""
    copy = before or Copy()
    copy.begin_stream()
    watching = await stack.enter_async_context(device.watch(copy.token))
    opened = Screen(watching, copy)
    await opened.level()
    return opened


async def fresh(device: DeviceInUse) -> Copy:
    """What a device without a copy gets."""
    other = await device.scene.device(device.session.subject_id)
    async with AsyncExitStack() as stack:
        return (await screen(stack, other)).copy


def keys(copy: Copy) -> list[str]:
    return sorted(projections.key_of(journey.ref) for journey in copy.journeys.values())


# --- who joins ------------------------------------------------------------------------------------


async def test_watches_that_are_open_while_subjects_are_linked_end_with_what_a_new_one_gets() -> (
    None
):
    draw = random.Random(3)
    for number in range(4):
        stage = await scene(telemetry_push_ms=0)
        people = ["mila", "visitor", "anna"]
        devices = [await stage.device(name) for name in people]
        await devices[0].record(added("A"))
        acts = ["act"] * 14
        acts.insert(draw.randrange(14), "visitor")
        acts.insert(draw.randrange(14), "anna")
        async with AsyncExitStack() as stack:
            screens = [await screen(stack, device) for device in devices]
            for act in acts:
                if act == "act":
                    await _act(draw.choice(devices), draw)
                else:
                    await link(stage, act, "mila", "mila")
                if draw.random() < 0.5:
                    seen = draw.choice(screens)
                    await seen.until(await fresh(devices[screens.index(seen)]))
            for device, seen in zip(devices, screens, strict=True):
                await seen.until(await fresh(device))
                assert "reset" not in seen.frames
            journal = stage.store.journal
            streams = [await journal.read_stream(name) for name in people]
            added_up = sum(
                event.interaction.cart_line_added.line.quantity
                for stream in streams
                for event in stream
            )
            assert _quantity(screens[0].copy) == added_up, number


async def _act(device: DeviceInUse, draw: random.Random) -> None:
    cart = JourneyRef(kind="cart", journey_id=draw.choice("12"))
    point_ms = draw.randrange(300_000, 500_000)
    acts = [added("A", cart=cart), added("B", cart=cart), paused(point_ms), progressed(point_ms)]
    await device.record(draw.choice(acts))


def _quantity(copy: Copy) -> int:
    return sum(line.quantity for journey in copy.journeys.values() for line in journey.cart.lines)


async def test_the_joined_members_journeys_come_as_a_delta_with_a_token_that_holds_it() -> None:
    stage = await scene()
    visitor, tv = await visitor_and_account(stage)
    await visitor.record(added("V", cart=HERS))
    async with AsyncExitStack() as stack:
        seen = await screen(stack, tv)
        await link(stage, "visitor", "mila", "mila")
        frame = await seen.next()
        changed = {projections.key_of(journey.ref) for journey in frame.delta.journeys}
        assert changed == {"cart/main", "cart/hers"}
    again = await stage.device("mila")
    async with AsyncExitStack() as stack:
        resumed = await screen(stack, again, seen.copy)
        assert resumed.opened.resumed
        assert resumed.frames == ["opened", "delta", "caught_up"]
        assert not resumed.copy.take_changes()[0] - seen.copy.journeys.keys()
        # What the member who joined does comes at once, wherever it is recorded.
        await visitor.record(added("V", cart=HERS))
        frame = await resumed.next()
        assert [projections.key_of(each.ref) for each in frame.delta.journeys] == ["cart/hers"]


async def test_what_a_member_does_while_it_is_read_for_the_first_time_is_not_missed() -> None:
    stage = await scene()
    visitor, tv = await visitor_and_account(stage)
    read_subject = stage.store.states.read_subject

    async def overtaken(*asked: str, **more: object) -> SubjectSnapshot:
        snapshot = await read_subject(*asked, **more)  # type: ignore[arg-type]
        if asked[1] == "visitor":
            stage.store.states.read_subject = read_subject  # type: ignore[method-assign]
            await visitor.record(added("V", cart=HERS))
        return snapshot

    async with AsyncExitStack() as stack:
        seen = await screen(stack, tv)
        stage.store.states.read_subject = overtaken  # type: ignore[method-assign]
        await link(stage, "visitor", "mila", "mila")
        await seen.next()
        assert "cart/hers" in keys(seen.copy)


async def test_links_that_are_made_while_a_device_is_away_come_when_its_token_does() -> None:
    stage = await scene()
    visitor, tv = await visitor_and_account(stage)
    async with AsyncExitStack() as stack:
        seen = await screen(stack, tv)
    await tv.record(added("C"))
    await link(stage, "visitor", "mila", "mila")
    await visitor.record(added("V", cart=HERS))
    async with AsyncExitStack() as stack:
        seen.copy.take_changes()
        resumed = await screen(stack, tv, seen.copy)
        assert resumed.opened.resumed
        assert _shown(resumed.copy) == _shown(await fresh(tv))
        changed, _ = resumed.copy.take_changes()
        assert {"/".join(key) for key in changed} == {"cart/main", "cart/hers"}


async def test_the_copy_of_before_the_sign_in_is_gone_on_with_after_it() -> None:
    stage = await scene()
    visitor, _ = await visitor_and_account(stage)
    async with AsyncExitStack() as stack:
        seen = await screen(stack, visitor)
    signed_in = await stage.device("mila", installation_id=visitor.session.installation_id)
    with pytest.raises(CustomerMismatch):
        async with AsyncExitStack() as stack:
            await screen(stack, signed_in, seen.copy)
    await link(stage, "visitor", "mila", "mila")
    async with AsyncExitStack() as stack:
        resumed = await screen(stack, signed_in, seen.copy)
        assert resumed.opened.resumed
        assert _shown(resumed.copy) == _shown(await fresh(signed_in))
        assert resumed.copy.customer_id == "mila"


async def test_two_visitors_who_become_one_customer_learn_its_id() -> None:
    stage = await scene()
    first, second = await stage.device("first"), await stage.device("visitor")
    await first.record(added("A"))
    await second.record(added("B"))
    stage.pass_by(1_000)
    async with AsyncExitStack() as stack:
        seen = await screen(stack, second)
        assert seen.copy.customer_id == "visitor"
        await link(stage, "first", "visitor")
        await seen.until(await fresh(first))
        assert seen.copy.customer_id == "first"


async def test_a_member_that_did_much_joins_as_a_delta_but_a_token_is_too_far_behind_it() -> None:
    stage = await scene(resume_token_events=8)
    visitor, tv = await visitor_and_account(stage)
    await visitor.record(*(added("B") for _ in range(8)))
    async with AsyncExitStack() as stack:
        seen = await screen(stack, tv)
        before = seen.copy.token
        await link(stage, "visitor", "mila", "mila")
        assert (await seen.next()).HasField("delta")
    async with tv.watch(before) as watching:
        await watching.next("opened")
        reset = (await watching.next("reset")).reset
    assert reset.reason == RESET_REASON_TOKEN_TOO_OLD


async def test_what_any_member_recorded_and_is_not_told_yet_counts_as_lag() -> None:
    stage = await scene(heartbeat_ms=20, telemetry_push_ms=60_000)
    visitor, tv = await visitor_and_account(stage)
    await link(stage, "visitor", "mila", "mila")
    async with tv.watch() as watching:
        await watching.level()
        await visitor.record(played(0))
        await watching.next("delta")
        await visitor.record(progressed(1_000))
        await watching.next("delta")
        await visitor.record(progressed(2_000), progressed(3_000))
        while (lag := (await watching.next("heartbeat")).heartbeat.lag_events) == 0:
            pass
        assert lag == 2


# --- who leaves -----------------------------------------------------------------------------------


async def test_who_leaves_makes_the_copy_void() -> None:
    stage = await scene()
    visitor, tv = await visitor_and_account(stage)
    await visitor.record(added("V", cart=HERS))
    await link(stage, "visitor", "mila", "mila")
    async with AsyncExitStack() as stack:
        seen = await screen(stack, tv)
        token = seen.copy.token
        assert "cart/hers" in keys(seen.copy)
        stage.store.journal.customers.clear()
        await tv.record(added("A"))
        assert (await seen.next()).reset.reason == RESET_REASON_MEMBERS_LEFT
        await seen.until(await fresh(tv))
        assert "cart/hers" not in keys(seen.copy)
    async with tv.watch(token) as watching:
        opened = (await watching.next("opened")).opened
        await watching.next("snapshot")
    assert (opened.resumed, opened.why_not) == (False, RESET_REASON_MEMBERS_LEFT)


async def test_a_members_events_that_a_restore_lost_make_the_copy_void() -> None:
    stage = await scene()
    visitor, tv = await visitor_and_account(stage)
    await link(stage, "visitor", "mila", "mila")
    await visitor.record(added("V", cart=HERS))
    number = partition_of("visitor", stage.store.journal.partition_count)
    async with AsyncExitStack() as stack:
        seen = await screen(stack, tv)
        token = seen.copy.token
        head = (await stage.store.journal.heads())[number]
        restore_in_memory(stage.store, number, head - 1)
        await tv.record(added("A"))
        assert (await seen.next()).reset.reason == RESET_REASON_JOURNAL_REWOUND
        await seen.until(await fresh(tv))
    async with tv.watch(token) as watching:
        opened = (await watching.next("opened")).opened
        await watching.next("snapshot")
    assert opened.why_not == RESET_REASON_JOURNAL_REWOUND


# --- who is not signed in -------------------------------------------------------------------------


async def test_a_visitors_watch_goes_on_with_its_part_of_the_accounts_customer() -> None:
    stage = await scene()
    visitor, tv = await visitor_and_account(stage)
    async with AsyncExitStack() as stack:
        seen = await screen(stack, visitor)
        await link(stage, "visitor", "mila", "mila")
        await tv.record(added("C"), paused(450_000))
        await seen.until(await fresh(visitor))
        assert "reset" not in seen.frames
        assert (keys(seen.copy), seen.copy.customer_id) == (["cart/main"], "visitor")
        assert _quantity(seen.copy) == 3
        assert not seen.copy.leases
        token = seen.copy.token
        await visitor.record(played(450_000, run="b"))
        await seen.next()
        assert keys(seen.copy) == ["cart/main", "media/film-42"]
    async with AsyncExitStack() as stack:
        seen.copy.token = token
        assert (await screen(stack, visitor, seen.copy)).opened.resumed
    signed_in = await stage.device("mila")
    async with signed_in.watch(token) as watching:
        opened = (await watching.next("opened")).opened
        await watching.next("snapshot")
    assert opened.why_not == RESET_REASON_FILTER_CHANGED


async def test_what_other_visitors_did_is_gone_when_their_customer_has_an_account() -> None:
    stage = await scene()
    visitor, tv = await visitor_and_account(stage)
    other = await stage.device("other")
    await other.record(added("O", cart=HERS))
    await link(stage, "other", "visitor")
    async with AsyncExitStack() as stack:
        seen = await screen(stack, visitor)
        token = seen.copy.token
        assert keys(seen.copy) == ["cart/hers", "cart/main"]
        await link(stage, "visitor", "mila", "mila")
        assert (await seen.next()).reset.reason == RESET_REASON_MEMBERS_LEFT
        await seen.next()
        assert keys(seen.copy) == ["cart/main"]
    async with visitor.watch(token) as watching:
        await watching.next("opened")
        assert (await watching.next("reset")).reset.reason == RESET_REASON_MEMBERS_LEFT
    assert (await tv.resume(FILM)).media.point_ms == 400_000
