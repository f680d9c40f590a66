import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from journey_service.domain.errors import OutcomeUnknown, RateLimited, StorageUnavailable
from journey_service.store.postgres import NoObserver
from journey_service.store.postgres.pool import Pool
from tests.contract.acts import until
from tests.postgres import Connection, RoleDsn
from tests.store.databases import carry_out


class Counting:
    """Opens connections and counts them."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.opened = 0
        self.failing = False
        self.slow = asyncio.Event()
        self.slow.set()

    async def __call__(self) -> Connection:
        await self.slow.wait()
        if self.failing:
            raise ConnectionRefusedError
        self.opened += 1
        return await asyncpg.connect(self.dsn, server_settings={"application_name": "pooled"})


@pytest.fixture
def opener(database_as: RoleDsn) -> Counting:
    return Counting(database_as("application"))


@pytest.fixture
async def pool(opener: Counting) -> AsyncIterator[Pool]:
    pool = Pool("tests", 2, opener, wait_s=10, observer=NoObserver())
    yield pool
    await pool.close()


async def test_connections_are_opened_when_needed_and_used_again(
    pool: Pool, opener: Counting
) -> None:
    for _ in range(5):
        async with pool.connection() as connection:
            assert await connection.fetchval("SELECT 1") == 1
    assert opener.opened == 1


async def test_a_warm_pool_is_open_before_anybody_comes(pool: Pool, opener: Counting) -> None:
    await pool.warm()
    async with pool.connection(), pool.connection():
        assert opener.opened == 2


async def test_when_all_are_in_use_a_caller_waits_a_moment_and_is_refused(pool: Pool) -> None:
    async with pool.connection(), pool.connection():
        pool._wait_s = 0.05
        with pytest.raises(RateLimited):
            await pool.acquire()


async def test_a_caller_that_waits_gets_the_next_that_is_given_back(pool: Pool) -> None:
    first, second = await pool.acquire(), await pool.acquire()
    waiting = asyncio.create_task(pool.acquire())
    await asyncio.sleep(0)
    pool.release(second)
    assert await waiting is second
    pool.release(first)
    pool.release(second)


async def test_an_acquire_that_is_cancelled_at_any_moment_loses_nothing(
    pool: Pool, opener: Counting
) -> None:
    for steps in range(30):
        task = asyncio.create_task(pool.acquire())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        found = (await asyncio.gather(task, return_exceptions=True))[0]
        if not isinstance(found, BaseException):
            pool.release(found)
    async with pool.connection(), pool.connection():
        pass
    assert opener.opened <= 3


async def test_a_server_that_refuses_is_told_at_once(pool: Pool, opener: Counting) -> None:
    opener.failing = True
    with pytest.raises(StorageUnavailable):
        await pool.acquire()
    opener.failing = False
    pool.release(await pool.acquire())


async def test_a_server_that_does_not_answer_is_not_waited_for(
    pool: Pool, opener: Counting
) -> None:
    opener.slow.clear()
    pool._wait_s = 0.05
    with pytest.raises(StorageUnavailable, match="does not answer"):
        await pool.acquire()
    opener.slow.set()
    pool._wait_s = 10
    pool.release(await pool.acquire())


async def test_a_killed_connection_is_replaced(
    database_as: RoleDsn, pool: Pool, opener: Counting
) -> None:
    async with pool.connection() as connection:
        pid = connection.get_server_pid()
    await carry_out(database_as, "SELECT pg_terminate_backend($1)", pid)
    await until(connection.is_closed)
    async with pool.connection() as another:
        assert await another.fetchval("SELECT 1") == 1
    assert opener.opened == 2


@pytest.mark.parametrize("lost", [StorageUnavailable, OutcomeUnknown])
async def test_a_connection_that_is_lost_in_use_says_what_is_known(
    database_as: RoleDsn, pool: Pool, lost: type[StorageUnavailable] | type[OutcomeUnknown]
) -> None:
    async def lose() -> None:
        async with pool.connection(lost=lost) as connection:
            pid = connection.get_server_pid()
            await carry_out(database_as, "SELECT pg_terminate_backend($1)", pid)
            await connection.fetchval("SELECT 1")

    with pytest.raises(lost):
        await lose()


async def test_a_connection_left_in_a_transaction_is_not_used_again(
    pool: Pool, opener: Counting
) -> None:
    async with pool.connection() as connection:
        await connection.execute("BEGIN")
    async with pool.connection() as another:
        assert not another.is_in_transaction()
    assert opener.opened == 2


async def test_a_statement_that_fails_keeps_its_connection(pool: Pool, opener: Counting) -> None:
    with pytest.raises(asyncpg.UndefinedTableError):
        async with pool.connection() as connection:
            await connection.execute("SELECT * FROM nothing")
    async with pool.connection():
        pass
    assert opener.opened == 1


async def test_a_cancelled_read_cancels_its_query_and_keeps_its_connection(
    database_as: RoleDsn, pool: Pool, opener: Counting
) -> None:
    async def read() -> None:
        async with pool.connection() as connection:
            await connection.execute("SELECT pg_sleep(30)")

    task = asyncio.create_task(read())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with pool.connection() as connection:
        assert await connection.fetchval("SELECT 1") == 1
    (row,) = await carry_out(
        database_as,
        "SELECT count(*) AS running FROM pg_stat_activity "
        "WHERE application_name = 'pooled' AND query LIKE '%pg_sleep%' AND state = 'active'",
    )
    assert row["running"] == 0
    assert opener.opened <= 2


async def test_a_query_that_takes_too_long_is_unavailable(pool: Pool) -> None:
    async def sleep() -> None:
        async with pool.connection() as connection:
            await connection.execute("SET statement_timeout = 20")
            await connection.execute("SELECT pg_sleep(5)")

    with pytest.raises(StorageUnavailable):
        await sleep()


async def test_connections_that_are_expired_in_use_are_not_used_again(
    pool: Pool, opener: Counting
) -> None:
    async with pool.connection():
        pool.expire()
    async with pool.connection():
        pass
    assert opener.opened == 2


async def test_a_closed_pool_serves_nobody(pool: Pool) -> None:
    pool.release(await pool.acquire())
    await pool.close()
    with pytest.raises(StorageUnavailable):
        await pool.acquire()
