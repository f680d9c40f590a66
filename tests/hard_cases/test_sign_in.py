"""Hard case 24: the carts of a visitor and an account meet at a sign-in."""

from __future__ import annotations

import asyncio
from typing import Any

from journey.v1.journey_service_pb2 import WatchRequest, WatchResponse
from journey_client import Session
from tests.stage import DeviceOfStory, Stage, quantities
from tests.transport.serving import Served

VISITOR = {"A": 2, "B": 1}
ACCOUNT = {"A": 3, "C": 1}
MERGED = {"A": 3, "B": 1, "C": 1}
CONTENTS = {"snapshot", "delta", "reset", "going_away"}


class Follower:
    """An open watch, frame by frame."""

    def __init__(self, served: Served, session: Session, token: str) -> None:
        request = WatchRequest(session_id=session.session_id)
        metadata = (("authorization", f"Bearer {token}"),)
        self._call = served.journeys.Watch(request, metadata=metadata)
        self.carts: list[bytes] = []
        self.lines: dict[str, int] = {}
        self.shown: list[dict[str, int]] = []

    async def level(self) -> None:
        """Up to what there was when it was opened."""
        while (await self._frame()).WhichOneof("content") != "caught_up":
            pass

    async def until_merged(self) -> set[str]:
        """What frames brought the merged cart: whether it was deltas alone."""
        contents: set[str] = set()
        while self.lines != MERGED:
            contents.add((await self._frame()).WhichOneof("content") or "")
        return contents & CONTENTS

    async def _frame(self) -> WatchResponse:
        async with asyncio.timeout(10):
            frame = await self._call.read()
        assert isinstance(frame, WatchResponse), "the watch ended"
        content = frame.WhichOneof("content")
        part: Any = getattr(frame, content) if content in {"snapshot", "delta"} else None
        for journey in part.journeys if part is not None else ():
            if journey.ref.kind == "cart":
                self.lines = quantities(journey.cart)
                self.shown += [self.lines] if self.shown[-1:] != [self.lines] else []
                self.carts.append(journey.SerializeToString(deterministic=True))
        return frame


async def test_hard_case_24_carts_that_meet_at_a_sign_in_become_one(two_services: Stage) -> None:
    stage, (first, second) = two_services, two_services.services
    laptop, phone = await stage.device("laptop"), await stage.visitor("phone")
    for device, cart in ((laptop, ACCOUNT), (phone, VISITOR)):
        for sku, quantity in cart.items():
            await device.add(sku, quantity)
    visited = phone.session.subject_id
    on_laptop = Follower(first, laptop.session, stage.token("device", "mila"))
    on_phone = Follower(second, phone.session, await phone.session._calls.credentials.current())
    await asyncio.gather(on_laptop.level(), on_phone.level())
    assert (on_laptop.lines, on_phone.lines) == (ACCOUNT, VISITOR)

    # Twice at once, on both services, beside another device of the account; then again and again.
    signed_in = await asyncio.gather(signs_in(phone), signs_in(phone), stage.device("tablet"))
    # Open watches get what joined as a delta, and never a cart between the two.
    assert await on_laptop.until_merged() == await on_phone.until_merged() == {"delta"}
    assert (on_laptop.shown, on_phone.shown) == ([ACCOUNT, MERGED], [VISITOR, MERGED])
    devices = [laptop, *signed_in, *[await signs_in(phone) for _ in range(2)]]
    devices.append(await phone.sign_in())

    states = [await device.sees("cart") for device in devices]
    assert [quantities(state.cart) for state in states] == [MERGED] * len(devices)
    shown = {state.SerializeToString(deterministic=True) for state in states}
    assert shown == {on_laptop.carts[-1]} == {on_phone.carts[-1]}
    assert [event.subject_id for event in await laptop.events("cart.merged")] == [
        laptop.session.subject_id
    ]
    linked = await laptop.events("identity.subjects_linked")
    assert sorted(event.subject_id for event in linked) == sorted(
        [laptop.session.subject_id, visited]
    )
    assert {device.session.opened.customer_id for device in devices[1:]} == {
        laptop.session.subject_id
    }


async def signs_in(visitor: DeviceOfStory) -> DeviceOfStory:
    """The account signs in on the visitor's installation, while the visit goes on."""
    stage, credentials = visitor.stage, visitor.stage.credentials("device", "mila")
    client = stage.connect(
        credentials=credentials, device="phone", clocks=visitor.clocks, **visitor.kept_by_visitor
    )
    await stage.stack.enter_async_context(client)
    return await DeviceOfStory(stage, client, visitor.clocks, "web").connect()
