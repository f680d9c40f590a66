"""A device that is interrupted at any of its steps, with the real service: nothing waits for ever.

Each step is something that the device stores: what is cut off there is cut between its file and
what it has in memory of it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

import journey_client
from journey.v1.sessions_pb2 import Command, CommandKind
from journey_client import ConnectionState, Device, View, errors, interactions
from journey_client._store import Store
from journey_service.domain.identity import subject_id_of_account
from tests.client.steps import Phone, breaks_for_a_moment, settled
from tests.client.test_visiting import events, lines
from tests.transport.serving import IDENTITY_KEY, Served, serving

ACTS = {"A": 2, "B": 1}
# So many does a device take for what it does here, where nothing has to be repeated.
STEPS = 16
PATIENCE_S = 60


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as running:
        yield running


@pytest.fixture
def phone(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Phone:
    return Phone(served, tmp_path / "phone.db", monkeypatch)


def token(served: Served) -> str:
    return served.mint.token("device", "mila")


async def shows(device: Device, wanted: dict[str, int]) -> None:
    def right(view: View) -> bool:
        return settled(view) and lines(view) == wanted

    async with asyncio.timeout(PATIENCE_S):
        await device.until(right)
    assert device.subject_id


async def are_recorded_once(served: Served, device: Device, count: int) -> None:
    recorded = await events(served, device.subject_id)
    ids = [one.interaction.event_id for one in recorded if one.type == "cart.line_added"]
    assert len(ids) == len(set(ids)) == count


async def fill(device: Device) -> None:
    await device.record(interactions.cart_line_added("A", 2), interactions.cart_line_added("B", 1))


@pytest.mark.parametrize("step", range(1, STEPS + 1))
async def test_a_network_that_breaks_at_any_step_of_a_sign_in_costs_nothing(
    step: int, served: Served, phone: Phone
) -> None:
    async with phone.make() as device:
        phone.steps.after(step, lambda: breaks_for_a_moment(device))
        await fill(device)
        await shows(device, ACTS)
        await device.sign_in(token=token(served))
        await device.record(interactions.cart_line_added("C", 1))
        await shows(device, ACTS | {"C": 1})
        phone.steps.after(0, bool)
        await are_recorded_once(served, device, 3)
    async with phone.make(token(served)) as device:
        await shows(device, ACTS | {"C": 1})


@pytest.mark.parametrize("step", range(1, 16))
async def test_a_visitor_who_leaves_at_any_step_of_the_first_session_is_sent_for_when_back(
    step: int, served: Served, phone: Phone
) -> None:
    async with phone.make() as device:
        down = asyncio.Event()

        def breaks() -> None:
            device.network_down()
            down.set()

        phone.steps.after(step, breaks)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await down.wait()
        await fill(device)
    async with phone.make(token(served)) as device:
        await shows(device, ACTS)
        await are_recorded_once(served, device, 2)


@pytest.mark.parametrize("step", range(1, 7))
@pytest.mark.parametrize("what", ["record", "flush", "sign_in"])
async def test_an_application_may_stop_waiting_at_any_step(
    what: str, step: int, served: Served, phone: Phone
) -> None:
    async with phone.make() as device:
        await shows(device, {})
        device.network_down()
        await device.record(interactions.cart_line_added("A", 2))
        device.network_up()
        calls: dict[str, Callable[[], Coroutine[Any, Any, object]]] = {
            "record": lambda: device.record(interactions.cart_line_added("B", 1)),
            "flush": device.flush,
            "sign_in": lambda: device.sign_in(token=token(served)),
        }
        waiting = asyncio.ensure_future(calls[what]())
        phone.steps.after(step, waiting.cancel)
        await asyncio.wait([waiting])
        phone.steps.after(0, bool)
        # What was given to be recorded is, for it was being stored already.
        kept = ACTS if what == "record" else {"A": 2}
        await shows(device, kept)
        await device.record(interactions.cart_line_added("C", 1))
        await shows(device, kept | {"C": 1})
        await are_recorded_once(served, device, len(kept) + 1)


@pytest.mark.parametrize("step", range(1, 5))
async def test_an_application_that_stops_waiting_for_a_sign_out_is_signed_out_all_the_same(
    step: int, served: Served, phone: Phone
) -> None:
    async with phone.make() as device:
        await device.sign_in(token=token(served))
        await fill(device)
        await shows(device, ACTS)
        person = device.subject_id
        waiting = asyncio.ensure_future(device.sign_out())
        phone.steps.after(step, waiting.cancel)
        await asyncio.wait([waiting])
        await shows(device, {})
        await fill(device)
        await shows(device, ACTS)
        assert device.subject_id != person


@pytest.mark.parametrize("turns", [*range(1, 12), 20, 40])
@pytest.mark.parametrize("what", ["nothing", "sign_in", "sign_out"])
async def test_a_device_is_closed_wholly_whatever_goes_on_and_whoever_stops_waiting(
    what: str, turns: int, served: Served, phone: Phone
) -> None:
    device = await phone.make().start()
    await fill(device)
    await shows(device, ACTS)
    acts: dict[str, Callable[[], Coroutine[Any, Any, object]]] = {
        "nothing": device.flush,
        "sign_in": lambda: device.sign_in(token=token(served)),
        "sign_out": device.sign_out,
    }
    acting = asyncio.ensure_future(acts[what]())
    for _ in range(turns):
        await asyncio.sleep(0)
    acting.cancel()
    closing = asyncio.ensure_future(device.close(flush=turns % 2 == 0))
    for _ in range(turns):
        await asyncio.sleep(0)
    closing.cancel()
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.wait([acting, closing])
    left = [task for task in asyncio.all_tasks() if task.get_name().startswith("journey ")]
    assert not left
    async with phone.make(token(served)) as device:
        await device.record(interactions.cart_line_added("C", 1))
        async with asyncio.timeout(PATIENCE_S):
            await device.until(settled)


async def test_a_device_closes_while_a_credential_is_waited_for(
    served: Served, phone: Phone
) -> None:
    asked = asyncio.Event()

    async def never() -> str:
        asked.set()
        await asyncio.Event().wait()
        return ""

    device = await phone.make().start()
    await shows(device, {})
    await device.sign_in(credentials=never, account="mila")
    acting = asyncio.ensure_future(device.sign_out())
    async with asyncio.timeout(PATIENCE_S):
        await asked.wait()
        await asyncio.sleep(0.01)
        acting.cancel()
        await device.close()
    assert acting.cancelled()


async def test_what_is_wiped_is_not_written_again_by_a_frame_that_waited(
    served: Served, phone: Phone
) -> None:
    async with phone.make() as device:
        await fill(device)
        await shows(device, ACTS)
        core = device._core
        core._copy.changed |= core._copy.journeys.keys()
        async with core.outbox.local:
            wiping = asyncio.ensure_future(core.lost(errors.InstallationLost()))
            await asyncio.sleep(0)
            keeping = asyncio.ensure_future(core._keep_copy(core._copy, whole=True))
            await asyncio.sleep(0.01)
        await asyncio.gather(wiping, keeping)
    async with phone.make() as device:
        device.network_down()
        assert lines(device.view) == {}


async def test_a_device_that_ended_before_it_was_wiped_is_wiped_when_it_starts(
    served: Served, phone: Phone
) -> None:
    async with phone.make() as device:
        await fill(device)
        await shows(device, ACTS)
        before = device.installation_id
    store = Store.open(phone.store)
    store.keep_command(Command(id="wipe", kind=CommandKind.COMMAND_KIND_WIPE))
    store.close()
    async with phone.make() as device:
        async with asyncio.timeout(PATIENCE_S):
            await device.until(lambda view: view.connection.state is ConnectionState.ENDED)
        assert device.installation_id != before
        assert lines(device.view) == {}
        await device.start()
        await fill(device)
        await shows(device, ACTS)


async def test_who_comes_after_a_new_installation_id_is_nobody_who_was_here(
    served: Served, phone: Phone
) -> None:
    async with phone.make() as device:
        for account in ("mila", "ben"):
            await device.sign_in(token=served.mint.token("device", account))
            await shows(device, {})
            if account == "ben":
                # As where its numbers are in use elsewhere: visitors are counted anew.
                await device._core.renumber()
            await device.sign_out()
        await device.record(interactions.cart_line_added("A", 1))
        await shows(device, {"A": 1})


async def test_who_was_signed_out_from_elsewhere_can_sign_out_here(
    served: Served, phone: Phone
) -> None:
    address = f"127.0.0.1:{served.server.port}"
    async with phone.make() as device:
        await device.sign_in(token=token(served))
        await shows(device, {})
        device.network_down()
        async with journey_client.connect(address, token=token(served), device="desk") as desk:
            session = await desk.open_session()
            await session.sign_out_device("phone")
        device.network_up()
        async with asyncio.timeout(PATIENCE_S):
            await device.until(lambda view: view.connection.state is ConnectionState.ENDED)
        await device.sign_out()
        await fill(device)
        await shows(device, ACTS)
        assert device.subject_id != subject_id_of_account(IDENTITY_KEY, "mila")


@pytest.mark.parametrize("turns", range(12))
async def test_a_watch_ends_also_where_its_stream_is_ending_already(
    turns: int, served: Served
) -> None:
    address = f"127.0.0.1:{served.server.port}"
    async with journey_client.connect(address, token=token(served), device="desk") as desk:
        session = await desk.open_session()
        watch = session.watch()
        async with asyncio.timeout(PATIENCE_S):
            await watch.until(bool)
            watch.pause()
            for _ in range(turns):
                await asyncio.sleep(0)
            await watch.aclose()
