"""Stores of checkpoints, each by the same rules; the file and PostgreSQL survive the process."""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from journey_client import (
    CheckpointStore,
    FileCheckpoints,
    MemoryCheckpoints,
    PostgresCheckpoints,
    interactions,
)
from tests.client.conftest import Connect


async def _keeps_the_last(store: CheckpointStore) -> None:
    assert not await store.load("billing")
    await store.save("billing", "one")
    await store.save("search", "other")
    await store.save("billing", "two")
    assert await store.load("billing") == "two"
    assert await store.load("search") == "other"


async def test_memory_keeps_the_last_place_of_each_consumer() -> None:
    await _keeps_the_last(MemoryCheckpoints())


async def test_a_file_keeps_the_last_place_of_each_consumer_and_outlives_its_store(
    tmp_path: Path,
) -> None:
    path = tmp_path / "places.json"
    await _keeps_the_last(FileCheckpoints(path))
    assert await FileCheckpoints(str(path)).load("billing") == "two"
    assert [each.name for each in tmp_path.iterdir()] == ["places.json"]


async def test_a_file_is_replaced_only_when_the_new_one_is_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "places.json"
    store = FileCheckpoints(path)
    await store.save("billing", "one")
    synced: list[bytes] = []
    sync = os.fsync

    def full(handle: int) -> None:
        synced.append(path.read_bytes())
        if len(synced) == 3:
            raise OSError("the disk is full")
        sync(handle)

    monkeypatch.setattr(os, "fsync", full)
    await store.save("billing", "two")
    assert b"one" in synced[0]
    assert b"two" in synced[1]
    with pytest.raises(OSError, match="full"):
        await store.save("billing", "three")
    assert await store.load("billing") == "two"
    assert [each.name for each in tmp_path.iterdir()] == ["places.json"]


async def test_consumers_that_share_a_file_do_not_take_back_each_others_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "places.json"
    both_read = threading.Barrier(2)
    read = FileCheckpoints._read

    def read_at_once(store: FileCheckpoints) -> dict[str, str]:
        kept = read(store)
        with suppress(threading.BrokenBarrierError):
            both_read.wait(0.2)
        return kept

    with monkeypatch.context() as patched:
        patched.setattr(FileCheckpoints, "_read", read_at_once)
        await asyncio.gather(
            FileCheckpoints(path).save("billing", "one"),
            FileCheckpoints(path).save("search", "two"),
        )
    store = FileCheckpoints(path)
    assert [await store.load(name) for name in ("billing", "search")] == ["one", "two"]


@pytest.mark.parametrize("text", ["{", "[]", '{"billing": 7}'])
async def test_a_file_of_something_else_is_refused_and_left_alone(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "places.json"
    path.write_text(text)
    store = FileCheckpoints(path)
    with pytest.raises(ValueError, match=r"places\.json is no file of checkpoints"):
        await store.load("billing")
    with pytest.raises(ValueError, match=r"places\.json is no file of checkpoints"):
        await store.save("billing", "one")
    assert path.read_text() == text


async def test_a_table_keeps_the_last_place_and_moves_with_its_transaction(
    empty_database: str,
) -> None:
    connection: Any = await asyncpg.connect(empty_database)
    try:
        store = PostgresCheckpoints(connection)
        await store.make_table()
        await store.make_table()
        await _keeps_the_last(store)
        with pytest.raises(RuntimeError, match="body"):
            await _save_in_vain(connection)
        assert await store.load("billing") == "two"
    finally:
        await connection.close()


async def _save_in_vain(connection: Any) -> None:
    async with connection.transaction():
        await PostgresCheckpoints(connection).save("billing", "three")
        raise RuntimeError("body")


async def test_rows_and_place_of_a_subscriber_move_together_and_exactly_once(
    connect: Connect, empty_database: str
) -> None:
    pool: Any = await asyncpg.create_pool(empty_database, min_size=1, max_size=2)
    async with connect("phone") as phone, pool:
        await PostgresCheckpoints(pool).make_table()
        await pool.execute("CREATE TABLE lines (sku text)")
        session = await phone.open_session()
        for sku in ("tea", "milk"):
            await session.do(interactions.cart_line_added(sku, 1))
        with pytest.raises(RuntimeError, match="killed"):
            await _copy(connect, pool, until="milk", kill=True)
        assert await pool.fetchval("SELECT count(*) FROM lines") == 0
        await _copy(connect, pool, until="milk", kill=False)
        await session.do(interactions.cart_line_added("bread", 1))
        await _copy(connect, pool, until="bread", kill=False)
        copied = await pool.fetch("SELECT sku FROM lines")
    assert [row["sku"] for row in copied] == ["tea", "milk", "bread"]


async def _copy(connect: Connect, pool: Any, *, until: str, kill: bool) -> None:
    """Copy what goes into carts to a table, in the transaction that moves the place."""
    async with (
        connect(role="developer", subject="dev") as client,
        client.subscribe("copy", store=PostgresCheckpoints(pool)) as subscription,
    ):
        async for batch in subscription.batches():
            added = [event for event in batch.events if event.type == "cart.line_added"]
            skus = [event.interaction.cart_line_added.line.product.sku for event in added]
            async with pool.acquire() as connection, connection.transaction():
                rows = [(sku,) for sku in skus]
                await connection.executemany("INSERT INTO lines VALUES ($1)", rows)
                await batch.save(PostgresCheckpoints(connection))
                if kill:
                    raise RuntimeError("killed")
            if until in skus:
                return
