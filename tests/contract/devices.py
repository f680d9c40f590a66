"""What every store of devices and handoffs does. An adapter subclasses these."""

from __future__ import annotations

import asyncio

import pytest

from journey.v1.interactions_pb2 import HANDOFF_SCOPE_JOURNEY
from journey.v1.references_pb2 import JourneyRef
from journey.v1.sessions_pb2 import (
    COMMAND_KIND_PAUSE,
    DEVICE_STATUS_ACTIVE,
    DEVICE_STATUS_LOST,
    DEVICE_STATUS_SIGNED_OUT,
    DEVICE_STATUS_WIPED,
    SESSION_STATUS_ACTIVE,
    SESSION_STATUS_CLOSED,
    Command,
    CommandResult,
    DeviceStatus,
)
from journey_service.domain.errors import (
    CommandIdReused,
    CustomerMismatch,
    InstallationLost,
    SignedOut,
)
from journey_service.ports_of_devices import SignedOutDevice, StoredHandoff
from tests.contract.acts import NOW, PHONE, SUBJECT, Store
from tests.contract.sessions import closed, command, session
from tests.domain.samples import TV

DEVICE = f"device of {PHONE}"
HOUR_MS = 3_600_000


def pause(store: Store, name: str = "p", life_ms: int = HOUR_MS) -> Command:
    """A device is told to pause."""
    return Command(id=name, kind=COMMAND_KIND_PAUSE, expires_at_ms=store.clock.now_ms() + life_ms)


async def sign_out(
    store: Store,
    status: DeviceStatus = DEVICE_STATUS_SIGNED_OUT,
    name: str = "out",
    device: str = DEVICE,
) -> SignedOutDevice:
    """Sign the phone out."""
    return await store.devices.sign_out(
        command(name), SUBJECT, device, status, lambda installation: pause(store, installation)
    )


async def use(store: Store, name: str = "in", number: int = 1, **facts: str) -> None:
    """A session that was opened now."""
    opened = session(number, **facts)
    opened.opened_at_ms = store.clock.now_ms() + number
    await store.sessions.open(command(name), opened)


class DevicesContract:
    """Standing, commands, presence, signals."""

    async def test_installations_are_listed_with_their_last_contact(self, store: Store) -> None:
        await use(store)
        await use(store, "tv", installation=TV)
        found = await store.devices.installations_of(SUBJECT)
        assert [one.installation_id for one in found] == sorted([PHONE, TV])
        assert {one.status for one in found} == {DEVICE_STATUS_ACTIVE}
        assert {one.last_seen_ms for one in found} == {NOW + 1_000}
        assert await store.devices.installations_of("nobody") == []

    async def test_an_older_contact_never_moves_the_last_one_back(self, store: Store) -> None:
        opened = await store.sessions.open(command(), session(2))
        opened.last_seen_at_ms = NOW
        await store.sessions.save(opened)
        assert (await store.devices.installations_of(SUBJECT))[0].last_seen_ms == NOW + 2_000

    async def test_signing_a_device_out_closes_its_sessions_and_no_others(
        self, store: Store
    ) -> None:
        await use(store)
        await use(store, "tv", installation=TV)
        signed_out = await sign_out(store)
        assert signed_out.record.status == DEVICE_STATUS_SIGNED_OUT
        assert list(signed_out.record.installation_ids) == [PHONE]
        (ended,) = signed_out.closed
        assert ended.status == SESSION_STATUS_CLOSED
        assert ended.device_status == DEVICE_STATUS_SIGNED_OUT
        stored = {one.session_id: one for one in await store.sessions.list_of(SUBJECT, limit=9)}
        assert stored.pop(ended.session_id) == ended
        assert [one.status != SESSION_STATUS_CLOSED for one in stored.values()] == [True]

    async def test_a_repeated_sign_out_gets_its_answer_and_does_nothing(self, store: Store) -> None:
        await use(store)
        first = await sign_out(store)
        await use(store, "again", 2)
        again = await sign_out(store)
        assert (again.record, again.closed_count) == (first.record, 1)
        assert (first.repeated, again.repeated) == (False, True)
        opened = [one.status for one in await store.sessions.list_of(SUBJECT, limit=1)]
        assert opened == [SESSION_STATUS_ACTIVE]
        with pytest.raises(CommandIdReused):
            await store.devices.sign_out(
                command("out", b"other"), SUBJECT, DEVICE, DEVICE_STATUS_LOST, lambda _: None
            )

    async def test_a_repeated_sign_out_names_the_sessions_it_closed_and_no_others(
        self, store: Store
    ) -> None:
        await use(store)
        await use(store, "tv", installation=TV)
        await use(store, "before", 2)
        left = closed(session(2))
        await store.sessions.save(left)
        first = await sign_out(store)
        again = await sign_out(store)
        assert [*again.closed] == [*first.closed] != []
        assert left.session_id not in {one.session_id for one in again.closed}

    async def test_a_device_that_the_subject_has_not_is_refused(self, store: Store) -> None:
        await use(store)
        with pytest.raises(CustomerMismatch):
            await sign_out(store, device="somebody else's")
        assert (await sign_out(store)).closed_count == 1

    async def test_credentials_from_before_the_sign_out_open_nothing(self, store: Store) -> None:
        await use(store)
        await sign_out(store)
        (known,) = await store.devices.installations_of(SUBJECT)
        assert known.signed_out_ms > 0
        with pytest.raises(SignedOut):
            await store.sessions.open(command("old"), session(2), issued_ms=known.signed_out_ms)
        other = session(3, installation="a new one")
        other.device.device_id = DEVICE
        with pytest.raises(SignedOut):
            await store.sessions.open(command("new"), other, issued_ms=known.signed_out_ms)
        opened = await store.sessions.open(
            command("again"), session(4), issued_ms=known.signed_out_ms + 1
        )
        assert opened.signed_out_at_ms == known.signed_out_ms
        assert opened.epoch == 1
        (known,) = await store.devices.installations_of(SUBJECT)
        assert known.status == DEVICE_STATUS_ACTIVE

    async def test_a_lost_device_is_refused_for_ever_and_to_everybody(self, store: Store) -> None:
        await use(store)
        await sign_out(store, DEVICE_STATUS_LOST)
        assert (await sign_out(store, name="less")).record.status == DEVICE_STATUS_LOST
        with pytest.raises(InstallationLost):
            await store.sessions.open(command("again"), session(2))
        with pytest.raises(InstallationLost):
            await store.sessions.open(command("other"), session(2, subject="somebody else"))
        renewed = session(3, installation="a new one")
        renewed.device.device_id = DEVICE
        with pytest.raises(InstallationLost):
            await store.sessions.open(command("new"), renewed)
        wiped = await sign_out(store, DEVICE_STATUS_WIPED, "wiped")
        assert wiped.record.status == DEVICE_STATUS_WIPED
        assert (await sign_out(store, DEVICE_STATUS_LOST, "lost")).record.status == (
            DEVICE_STATUS_WIPED
        )

    async def test_a_guests_device_is_signed_out_at_most_and_told_nothing(
        self, store: Store
    ) -> None:
        guest = session()
        guest.claimant, guest.opened_at_ms = "noah", store.clock.now_ms()
        await store.sessions.open(command("in"), guest)
        signed_out = await sign_out(store, DEVICE_STATUS_LOST)
        assert signed_out.record.status == DEVICE_STATUS_SIGNED_OUT
        assert [one.device_status for one in signed_out.closed] == [DEVICE_STATUS_SIGNED_OUT]
        assert await store.devices.orders(SUBJECT, PHONE) == []
        own = session(2, subject="noah")
        assert (await store.sessions.open(command("own"), own)).epoch == 0
        await use(store, "mine", 3)
        assert not (await store.devices.installations_of(SUBJECT))[0].guest

    async def test_each_installation_is_told_what_the_sign_out_orders(self, store: Store) -> None:
        await use(store)
        await sign_out(store)
        assert [one.id for one in await store.devices.orders(SUBJECT, PHONE)] == [PHONE]
        assert await store.devices.orders(SUBJECT, TV) == []

    async def test_a_command_stands_until_its_first_result(self, store: Store) -> None:
        await use(store)
        told = pause(store)
        for _ in range(2):
            await store.devices.order(SUBJECT, PHONE, told)
        assert await store.devices.orders(SUBJECT, PHONE) == [told]
        results = [CommandResult(id="p", done=True), CommandResult(id="unknown", done=True)]
        (answered,) = await store.devices.answer(SUBJECT, PHONE, results)
        assert (answered.command, answered.done) == (told, True)
        assert await store.devices.answer(SUBJECT, PHONE, [CommandResult(id="p")]) == []
        assert await store.devices.orders(SUBJECT, PHONE) == []
        stored = await store.devices.ordered(SUBJECT, PHONE, "p")
        assert stored is not None
        assert (stored.answered, stored.done) == (True, True)
        assert await store.devices.ordered(SUBJECT, PHONE, "unknown") is None

    async def test_a_command_that_is_over_is_neither_told_nor_answered(self, store: Store) -> None:
        await use(store)
        # A clock that was measured while a process stood still is off by half of that.
        await store.devices.order(SUBJECT, PHONE, pause(store, life_ms=-5_000))
        assert await store.devices.orders(SUBJECT, PHONE) == []
        assert await store.devices.answer(SUBJECT, PHONE, [CommandResult(id="p", done=True)]) == []

    async def test_who_is_present_is_listed_until_then(self, store: Store) -> None:
        await use(store)
        await use(store, "tv", installation=TV)
        phone, tv = session().session_id, session(installation=TV).session_id
        until_ms = store.clock.now_ms() + HOUR_MS
        await store.devices.be_present({(SUBJECT, phone): until_ms, (SUBJECT, tv): until_ms})
        await store.devices.be_present({(SUBJECT, tv): 0})
        found = await store.devices.present(SUBJECT)
        assert [(one.session_id, until) for one, until in found] == [(phone, until_ms)]
        await sign_out(store)
        assert await store.devices.present(SUBJECT) == []

    async def test_who_follows_a_subject_is_told_and_nobody_else(self, store: Store) -> None:
        told: list[str] = []
        with store.devices.follow(SUBJECT, lambda: told.append("a")):
            with store.devices.follow("other", lambda: told.append("b")):
                store.devices.tell(SUBJECT)
            store.devices.tell(SUBJECT)
        store.devices.tell(SUBJECT)
        assert told == ["a", "a"]


def handoff(store: Store, name: str = "h", **changes: object) -> StoredHandoff:
    """A handoff of a film."""
    facts: dict[str, object] = {
        "handoff_id": name,
        "subject_id": SUBJECT,
        "session_id": "s",
        "scope": HANDOFF_SCOPE_JOURNEY,
        "journey": JourneyRef(kind="media", journey_id="film"),
        "expires_at_ms": store.clock.now_ms() + HOUR_MS,
    }
    return StoredHandoff(**(facts | changes))  # type: ignore[arg-type]


class HandoffsContract:
    """Codes that are used once."""

    async def test_a_handoff_is_found_by_any_of_its_codes(self, store: Store) -> None:
        made = handoff(store)
        codes = {"long": made.expires_at_ms, "short": 5}
        assert await store.handoffs.create(command(), made, codes, b"answer") == b"answer"
        assert await store.handoffs.find("long") == made
        short = await store.handoffs.find("short")
        assert short is not None
        assert (short.handoff_id, short.expires_at_ms) == ("h", 5)
        assert await store.handoffs.find("other") is None

    async def test_a_handoff_of_everything_names_no_journey(self, store: Store) -> None:
        made = handoff(store, journey=None)
        await store.handoffs.create(command(), made, {"code": made.expires_at_ms}, b"")
        assert await store.handoffs.find("code") == made

    async def test_a_repeat_gets_the_first_answer_and_makes_no_code(self, store: Store) -> None:
        made = handoff(store)
        await store.handoffs.create(command(), made, {"one": made.expires_at_ms}, b"first")
        again = await store.handoffs.create(
            command(), handoff(store, "i"), {"two": made.expires_at_ms}, b"second"
        )
        assert again == b"first"
        assert await store.handoffs.find("two") is None
        with pytest.raises(CommandIdReused):
            await store.handoffs.create(command(content=b"other"), made, {}, b"")

    async def test_of_many_claims_at_once_one_wins_and_wins_again(self, store: Store) -> None:
        made = handoff(store)
        await store.handoffs.create(command(), made, {"code": made.expires_at_ms}, b"")
        names = [f"claimer {number}" for number in range(5)]
        won = await asyncio.gather(*(store.handoffs.claim("h", name) for name in names))
        assert sum(won) == 1
        winner = names[won.index(True)]
        assert await store.handoffs.claim("h", winner)
        found = await store.handoffs.find("code")
        assert found is not None
        assert found.claimed_by == winner

    async def test_tries_are_counted_by_claimer_and_window(self, store: Store) -> None:
        tries = [await store.handoffs.count_try("me", window_ms=HOUR_MS) for _ in range(3)]
        assert tries == [1, 2, 3]
        assert await store.handoffs.count_try("you", window_ms=-1) == 1
        assert await store.handoffs.count_try("you", window_ms=-1) == 1
