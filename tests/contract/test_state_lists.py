from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from journey_service.store.memory import MemoryStore
from journey_service.store.postgres import PostgresStore
from tests.contract import state_lists
from tests.contract.state_lists import StateListsContract, StopsContract
from tests.postgres import RoleDsn
from tests.store.opening import open_store


@pytest.fixture(autouse=True)
def _a_view_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that tests may share a database."""
    monkeypatch.setattr(state_lists, "VIEW", f"view-{uuid4()}")


class TestMemory(StateListsContract, StopsContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


@pytest.fixture(scope="module")
async def opened(shared_database_as: RoleDsn) -> AsyncIterator[PostgresStore]:
    async with open_store(shared_database_as) as store:
        yield store


class TestPostgres(StateListsContract, StopsContract):
    @pytest.fixture
    def store(self, opened: PostgresStore) -> PostgresStore:
        return opened
