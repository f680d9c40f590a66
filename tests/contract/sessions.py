"""What every store of sessions does. An adapter subclasses this and hands in a `store`."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from journey.v1.interactions_pb2 import CHANNEL_MOBILE_APP
from journey.v1.sessions_pb2 import (
    SESSION_STATUS_ACTIVE,
    SESSION_STATUS_CLOSED,
    Device,
    Session,
)
from journey_service.domain.errors import CommandIdReused, SessionNotFound
from journey_service.domain.identity import session_id_of
from journey_service.ports import CommandKey
from tests.contract.acts import NOW, PHONE, SUBJECT, Store, acts, versions
from tests.domain.samples import TV


def command(name: str = "one", content: bytes = b"content", caller: str = "me") -> CommandKey:
    return CommandKey(name, caller, hashlib.sha256(content).digest())


def session(number: int = 1, *, subject: str = SUBJECT, installation: str = PHONE) -> Session:
    """The n-th session, opened n seconds after now."""
    entropy = hashlib.sha256(f"{subject}/{installation}/{number}".encode()).digest()
    return Session(
        session_id=session_id_of(subject, 64, entropy),
        subject_id=subject,
        installation_id=installation,
        device=Device(device_id=f"device of {installation}", name="A phone", zone="Europe/Berlin"),
        channel=CHANNEL_MOBILE_APP,
        status=SESSION_STATUS_ACTIVE,
        opened_at_ms=NOW + number * 1_000,
        last_seen_at_ms=NOW + number * 1_000,
        expires_at_ms=NOW + 3_600_000,
    )


def closed(one: Session) -> Session:
    copy = Session()
    copy.CopyFrom(one)
    copy.status = SESSION_STATUS_CLOSED
    return copy


class SessionsContract:
    """Sessions, installations, devices, and calls that may be repeated."""

    async def test_an_opened_session_is_loaded_as_it_was(self, store: Store) -> None:
        opened = await store.sessions.open(command(), session())
        assert opened == session()
        assert await store.sessions.load(opened.session_id) == opened

    async def test_unknown_and_malformed_sessions_are_none(self, store: Store) -> None:
        for name in (
            session().session_id,
            "",
            "x",
            "64.abcdefghijklmnopqrstuvwxyz",
            "1." + "a" * 99,
        ):
            assert await store.sessions.load(name) is None

    async def test_a_repeated_call_gets_the_session_as_it_was_then(self, store: Store) -> None:
        first = await store.sessions.open(command(), session())
        moved = session()
        moved.last_seen_at_ms += 60_000
        await store.sessions.save(moved)
        again = await store.sessions.open(command(), session(2))
        assert again == first
        assert await store.sessions.list_of(SUBJECT, limit=10) == [moved]

    async def test_a_known_call_with_other_content_is_refused(self, store: Store) -> None:
        await store.sessions.open(command(), session())
        with pytest.raises(CommandIdReused):
            await store.sessions.open(command(content=b"other"), session(2))
        assert len(await store.sessions.list_of(SUBJECT, limit=10)) == 1

    async def test_a_command_id_belongs_to_its_caller(self, store: Store) -> None:
        await store.sessions.open(command(), session())
        await store.sessions.open(command(content=b"other", caller="you"), session(2))
        assert len(await store.sessions.list_of(SUBJECT, limit=10)) == 2

    async def test_a_call_sent_five_times_at_once_opens_one_session(self, store: Store) -> None:
        sent = [store.sessions.open(command(), session(n)) for n in range(1, 3)]
        answers = await asyncio.gather(*sent)
        assert answers[0] == answers[1]
        assert await store.sessions.list_of(SUBJECT, limit=10) == answers[:1]

    async def test_the_greater_epoch_is_in_force(self, store: Store) -> None:
        asked = session()
        asked.epoch = 3
        assert (await store.sessions.open(command("a"), asked)).epoch == 3
        behind = session(2)
        behind.epoch = 1
        opened = await store.sessions.open(command("b"), behind)
        assert opened.epoch == 3
        loaded = await store.sessions.load(behind.session_id)
        assert loaded is not None
        assert loaded.epoch == 3

    async def test_a_client_is_at_most_sixteen_epochs_ahead(self, store: Store) -> None:
        for number, (asked, given) in enumerate([(1_000, 16), (1_000, 32), (33, 33)], 1):
            one = session(number)
            one.epoch = asked
            assert (await store.sessions.open(command(str(number)), one)).epoch == given

    async def test_signing_out_closes_the_session_and_raises_the_epoch_once(
        self, store: Store
    ) -> None:
        opened = await store.sessions.open(command(), session())
        assert await store.sessions.sign_out(closed(opened)) == 1
        assert await store.sessions.sign_out(closed(opened)) == 1
        loaded = await store.sessions.load(opened.session_id)
        assert loaded is not None
        assert loaded.status == SESSION_STATUS_CLOSED
        assert (await store.sessions.open(command("next"), session(2))).epoch == 1

    async def test_what_has_ended_stays_ended(self, store: Store) -> None:
        opened = await store.sessions.open(command(), session())
        await store.sessions.save(closed(opened))
        with pytest.raises(SessionNotFound):
            await store.sessions.save(opened)
        await store.sessions.save(closed(opened))

    async def test_a_session_that_is_not_there_cannot_be_saved(self, store: Store) -> None:
        with pytest.raises(SessionNotFound):
            await store.sessions.save(session())

    async def test_sessions_are_listed_newest_first_page_by_page(self, store: Store) -> None:
        for number in (2, 1, 4, 3):
            await store.sessions.open(command(str(number)), session(number))
        await store.sessions.open(command("other"), session(9, subject="somebody else"))
        names = [session(number).session_id for number in (4, 3, 2, 1)]
        listed = await store.sessions.list_of(SUBJECT, limit=10)
        assert [one.session_id for one in listed] == names
        first = await store.sessions.list_of(SUBJECT, limit=3)
        rest = await store.sessions.list_of(SUBJECT, limit=3, before=first[-1].session_id)
        assert [one.session_id for one in [*first, *rest]] == names

    async def test_devices_are_those_of_the_subjects_installations(self, store: Store) -> None:
        await store.sessions.open(command("a"), session())
        await store.sessions.open(command("b"), session(installation=TV))
        await store.sessions.open(command("c"), session(subject="somebody else"))
        renamed = session()
        renamed.device.name = "My phone"
        await store.sessions.save(renamed)
        devices = await store.sessions.devices_of(SUBJECT)
        assert {name: device.name for name, device in devices.items()} == {
            PHONE: "My phone",
            TV: "A phone",
        }
        assert await store.sessions.devices_of("nobody") == {}

    async def test_a_session_before_the_first_event_does_not_disturb_the_stream(
        self, store: Store
    ) -> None:
        await store.journal.append(acts(1, subject="warm", installation=TV))
        opened, appended = await asyncio.gather(
            store.sessions.open(command(), session()), store.journal.append(acts(1, 2))
        )
        assert appended.version == 2
        assert versions(await store.journal.read_stream(SUBJECT)) == [1, 2]
        assert await store.sessions.load(opened.session_id) == opened
        await store.journal.append(acts(3))
        assert versions(await store.journal.read_stream(SUBJECT)) == [1, 2, 3]
