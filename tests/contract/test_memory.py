import pytest

from journey_service.store.memory import MemoryStore
from tests.contract.clock import ClockContract
from tests.contract.journal import JournalContract
from tests.contract.sessions import SessionsContract
from tests.contract.states import StatesContract


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


class TestMemoryJournal(JournalContract):
    pass


class TestMemoryStates(StatesContract):
    pass


class TestMemorySessions(SessionsContract):
    pass


class TestMemoryClock(ClockContract):
    pass
