from collections.abc import AsyncIterator

import pytest

from journey_service.store.postgres import PostgresStore
from tests.contract.clock import ClockContract
from tests.contract.customers import CustomersContract
from tests.contract.devices import DevicesContract, HandoffsContract
from tests.contract.epochs import EpochContract, Restore
from tests.contract.erasing import ErasureContract
from tests.contract.generations import RebuildingContract
from tests.contract.groups import GroupsContract
from tests.contract.installations import InstallationsContract
from tests.contract.journal import AppendContract, ConcurrencyContract, JournalContract
from tests.contract.leases import LeasesContract
from tests.contract.machines import MachineContract
from tests.contract.rewinding import reconnect, restore_database
from tests.contract.sessions import SessionsContract
from tests.contract.states import StatesContract
from tests.postgres import RoleDsn
from tests.store.opening import open_store, the_careful_way


@pytest.fixture
async def store(database_as: RoleDsn) -> AsyncIterator[PostgresStore]:
    async with open_store(database_as) as opened:
        yield opened


class TestPostgresJournal(JournalContract):
    pass


class TestPostgresEpochs(EpochContract):
    @pytest.fixture
    def restore(self, store: PostgresStore, database_as: RoleDsn) -> Restore:
        async def restore(partition: int, head: int) -> None:
            before = store.journal.epoch
            await restore_database(database_as, partition, head)
            await reconnect(store)
            # The process learns of it with its next connection.
            await store.journal.heads()
            assert store.journal.epoch != before

        return restore


class TestPostgresMachines(MachineContract):
    pass


class TestPostgresStates(StatesContract):
    pass


class TestPostgresRebuilds(RebuildingContract):
    pass


class TestPostgresSessions(SessionsContract):
    pass


class TestPostgresDevices(DevicesContract):
    pass


class TestPostgresHandoffs(HandoffsContract):
    pass


class TestPostgresInstallations(InstallationsContract):
    pass


class TestPostgresCustomers(CustomersContract):
    pass


class TestPostgresLeases(LeasesContract):
    pass


class TestPostgresGroups(GroupsContract):
    pass


class TestPostgresErasure(ErasureContract):
    pass


class TestPostgresClock(ClockContract):
    pass


class TestPostgresJournalWithoutGuessing(AppendContract, ConcurrencyContract):
    @pytest.fixture
    def store(self, store: PostgresStore) -> PostgresStore:
        return the_careful_way(store)


class TestPostgresJournalWithFourLanes(ConcurrencyContract):
    @pytest.fixture
    async def store(self, database_as: RoleDsn) -> AsyncIterator[PostgresStore]:
        async with open_store(database_as, lane_count=4, pool_append_connections=4) as opened:
            yield opened
