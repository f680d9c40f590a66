import pytest

from journey_service.store.memory import MemoryStore
from tests.contract.clock import ClockContract
from tests.contract.customers import CustomersContract
from tests.contract.devices import DevicesContract, HandoffsContract
from tests.contract.epochs import EpochContract, Restore
from tests.contract.erasing import ErasureContract
from tests.contract.generations import RebuildingContract
from tests.contract.groups import GroupsContract
from tests.contract.installations import InstallationsContract
from tests.contract.journal import JournalContract
from tests.contract.leases import LeasesContract
from tests.contract.machines import MachineContract
from tests.contract.rewinding import restore_in_memory
from tests.contract.sessions import SessionsContract
from tests.contract.states import StatesContract


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


class TestMemoryJournal(JournalContract):
    pass


class TestMemoryEpochs(EpochContract):
    @pytest.fixture
    def restore(self, store: MemoryStore) -> Restore:
        async def restore(partition: int, head: int) -> None:
            restore_in_memory(store, partition, head)

        return restore


class TestMemoryMachines(MachineContract):
    pass


class TestMemoryStates(StatesContract):
    pass


class TestMemoryRebuilds(RebuildingContract):
    pass


class TestMemorySessions(SessionsContract):
    pass


class TestMemoryDevices(DevicesContract):
    pass


class TestMemoryHandoffs(HandoffsContract):
    pass


class TestMemoryInstallations(InstallationsContract):
    pass


class TestMemoryCustomers(CustomersContract):
    pass


class TestMemoryLeases(LeasesContract):
    pass


class TestMemoryGroups(GroupsContract):
    pass


class TestMemoryErasure(ErasureContract):
    pass


class TestMemoryClock(ClockContract):
    pass
