from collections.abc import AsyncIterator

import pytest

from journey_service.store.memory import MemoryStore
from journey_service.store.postgres import PostgresStore
from tests.contract.state_lists import StateListsContract, StopsContract
from tests.postgres import RoleDsn
from tests.store.opening import open_store


class TestMemory(StateListsContract, StopsContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


class TestPostgres(StateListsContract, StopsContract):
    @pytest.fixture
    async def store(self, database_as: RoleDsn) -> AsyncIterator[PostgresStore]:
        async with open_store(database_as) as opened:
            yield opened
