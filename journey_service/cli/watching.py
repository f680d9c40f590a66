"""`journey watch`: a customer live, as a picture that moves or as one JSON line a change."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from rich.live import Live
from rich.segment import SegmentLines

from journey.v1.sessions_pb2 import PresentSession
from journey_client import ConnectionState, Customer, JourneyError, JourneyKey, View, Watch
from journey_client.errors import CustomerNotFound
from journey_service.cli.exits import START_ONE, Exit, Refusal
from journey_service.cli.output import Output, channel, iso
from journey_service.cli.picture import Picture
from journey_service.cli.running import meanwhile
from journey_service.cli.showing import record_of

# The picture is drawn anew so often, for what plays and for what was just bright.
DRAWN_EVERY_S = 0.25
# Devices are listed anew so often, and whenever others are there.
LISTED_EVERY_S = 10.0
# A customer of whom nothing is known yet is asked for so often.
LOOKED_FOR_EVERY_S = 2.0
# A program is told that nobody answers if the service was not reached once for so long.
GIVEN_UP_AFTER_S = 30.0
_REACHED = frozenset({ConnectionState.CATCHING_UP, ConnectionState.LIVE})


async def watch(
    customer: Customer, out: Output, name: str, address: str, *, kinds: Sequence[str], once: bool
) -> None:
    """Show a customer until stopped, or only the first complete view.

    On a terminal a customer of whom nothing is known yet is waited for. Raises JourneyError, and
    Refusal if no service answers a program at `address`.
    """
    if not out.as_json and not once:
        await _wait_for_the_first_event(customer, out, name)
    following = customer.watch(kinds=kinds, presence=True)
    if out.as_json:
        await watch_lines(following, out, address, once=once)
    else:
        await _watch_picture(customer, following, out, Picture(name), once=once)


async def _wait_for_the_first_event(customer: Customer, out: Output, name: str) -> None:
    """Until the customer is there; what else is wrong, the watch says itself."""
    told = False
    with contextlib.suppress(JourneyError):
        while not await _is_there(customer):
            if not told:
                out.note(f"waiting for the first event of {name} (Ctrl-C ends)")
            told = True
            await asyncio.sleep(LOOKED_FOR_EVERY_S)


async def _is_there(customer: Customer) -> bool:
    try:
        await customer.continue_list()
    except CustomerNotFound:
        return False
    return True


# --- for people ----------------------------------------------------------------------------------


async def _watch_picture(
    customer: Customer, following: Watch, out: Output, picture: Picture, *, once: bool
) -> None:
    others = asyncio.Event()
    with Live(console=out.console, auto_refresh=False) as live:

        def draw() -> None:
            height, width = out.console.height, out.console.width
            whole = picture.drawn(customer.server_now_ms(), width, height)
            # The last picture stays: no taller than the screen, with a line for the prompt.
            lines = out.console.render_lines(whole, pad=False)[: height - 1]
            live.update(SegmentLines(lines, new_lines=True), refresh=True)

        def stands() -> tuple[object, ...]:
            moves = picture.moves(customer.server_now_ms())
            return moves, out.console.size, picture.devices

        async with (
            meanwhile(_redraw(draw, stands)),
            meanwhile(_list_devices(customer, picture, others)),
        ):
            async for view in following:
                if picture.take(view, customer.server_now_ms()):
                    others.set()
                if once and view.connection.state is ConnectionState.LIVE:
                    picture.devices = await _devices(customer)
                    draw()
                    return
                draw()


async def _redraw(draw: Callable[[], None], stands: Callable[[], tuple[object, ...]]) -> None:
    """Again and again while it moves; a picture that stands still costs nothing."""
    before: tuple[object, ...] = ()
    while True:
        await asyncio.sleep(DRAWN_EVERY_S)
        moves, *_ = now = stands()
        if moves or now != before:
            draw()
        before = now


async def _list_devices(customer: Customer, picture: Picture, others: asyncio.Event) -> None:
    """Keep the list of devices; what fails now is asked again at the next turn."""
    while True:
        with contextlib.suppress(JourneyError):
            picture.devices = await _devices(customer)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LISTED_EVERY_S):
                await others.wait()
        others.clear()


async def _devices(customer: Customer) -> list[Any]:
    return [device async for device in customer.devices()]


# --- for programs --------------------------------------------------------------------------------


async def watch_lines(
    following: Watch,
    out: Output,
    address: str,
    *,
    once: bool,
    within_s: float = GIVEN_UP_AFTER_S,
) -> None:
    """One line for each thing that is another than before; the connection's state comes last.

    Raises JourneyError, and Refusal if the service was not reached once `within_s`.
    """
    before, hinted = View(), False
    try:
        async with asyncio.timeout(within_s) as patience:
            async for view in following:
                for record in _changes(before, view):
                    out.record(record)
                before = view
                state = view.connection.state
                if state in _REACHED:
                    patience.reschedule(None)
                elif view.connection.why and patience.when() is not None and not hinted:
                    out.note(f"no answer from the service at {address}, trying on. {START_ONE}")
                    hinted = True
                if once and state is ConnectionState.LIVE:
                    return
    except TimeoutError:
        told = f"no answer from the service at {address} for {within_s:.0f} s"
        raise Refusal(told, START_ONE, Exit.UNAVAILABLE) from None


def _changes(before: View, now: View) -> list[dict[str, Any]]:
    """What is another than in the view before, thing by thing."""
    listed = {_key(journey) for journey in now.continue_list}
    records = [
        record_of(now.journeys[key], listed=_key(now.journeys[key]) in listed)
        for key in sorted(now.changed)
    ]
    records += [
        {"kind": key.kind, "journey_id": key.journey_id, "removed": True}
        for key in sorted(now.removed)
    ]
    records += [_lease(key, now) for key in sorted(now.leases) if _lease_changed(key, before, now)]
    records += _presence(before, now)
    order = ["/".join(_key(journey)) for journey in now.continue_list]
    if order != ["/".join(_key(journey)) for journey in before.continue_list]:
        records.append({"continue_list": order})
    return records + _connection(before, now)


def _lease_changed(key: JourneyKey, before: View, now: View) -> bool:
    return before.leases.get(key) != now.leases[key]


def _lease(key: JourneyKey, view: View) -> dict[str, Any]:
    lease = view.leases[key]
    return {
        "lease": f"{key.kind}/{key.journey_id}",
        "device": lease.device_id,
        "epoch": lease.epoch,
        "until": iso(lease.lease_until_ms),
    }


def _presence(before: View, now: View) -> list[dict[str, Any]]:
    known = {each.session_id: each for each in before.presence}
    there = {each.session_id: each for each in now.presence}
    came = [_present(each) for name, each in there.items() if known.get(name) != each]
    gone = [
        {"present": each.device_id, "session_id": name, "gone": True}
        for name, each in known.items()
        if name not in there
    ]
    return came + gone


def _present(session: PresentSession) -> dict[str, Any]:
    place = session.place if session.HasField("place") else None
    ref = session.journey
    return {
        "present": session.device_id,
        "session_id": session.session_id,
        "channel": channel(session.channel),
        "journey": f"{ref.kind}/{ref.journey_id}" if session.HasField("journey") else "",
        "point_ms": place.point_ms if place else None,
        "playing": bool(place and place.speed),
    }


def _connection(before: View, now: View) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    if now.connection.lag != before.connection.lag:
        records.append({"lag": now.connection.lag})
    if (now.connection.state, now.connection.why) != (
        before.connection.state,
        before.connection.why,
    ):
        state = now.connection
        records.append({"connection": state.state.value, "why": state.why})
    return records


def _key(journey: Any) -> tuple[str, str]:
    return journey.ref.kind, journey.ref.journey_id
