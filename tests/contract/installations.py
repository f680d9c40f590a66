"""What every store keeps of installations. An adapter subclasses this and hands in a `store`."""

from __future__ import annotations

import asyncio

from tests.contract.acts import PHONE, Store
from tests.contract.sessions import closed, command, session


class InstallationsContract:
    """Sign-in epochs as visitors ask for them, and secrets by which they are known again."""

    async def test_an_unknown_installation_is_in_its_first_epoch(self, store: Store) -> None:
        assert await store.installations.epoch(PHONE) == 0
        assert await store.installations.secret(PHONE) is None

    async def test_the_epoch_asked_for_is_the_one_that_a_session_would_be_opened_in(
        self, store: Store
    ) -> None:
        opened = await store.sessions.open(command(), session())
        await store.sessions.sign_out(closed(opened))
        for asked in (0, 1, 7, 99):
            wanted = session(2 + asked, subject=f"s{asked}", installation=f"i{asked}")
            wanted.epoch = asked
            told = await store.installations.epoch(f"i{asked}", asked=asked)
            assert told == (await store.sessions.open(command(f"c{asked}"), wanted)).epoch
        assert await store.installations.epoch(PHONE) == 1

    async def test_asking_for_an_epoch_moves_nothing(self, store: Store) -> None:
        assert await store.installations.epoch(PHONE, asked=5) == 5
        assert await store.installations.epoch(PHONE) == 0

    async def test_the_first_secret_of_an_installation_stays(self, store: Store) -> None:
        first = await store.installations.keep_secret(PHONE, "hash one")
        assert first.secret_hash == "hash one"
        assert await store.installations.keep_secret(PHONE, "hash two") == first
        assert await store.installations.secret(PHONE) == first

    async def test_of_secrets_kept_at_once_one_stays(self, store: Store) -> None:
        keeping = (store.installations.keep_secret(PHONE, f"hash {n}") for n in range(8))
        kept = await asyncio.gather(*keeping)
        assert {one.secret_hash for one in kept} == {kept[0].secret_hash}
