"""What all rows of a test process share: one process that forks for them."""

from collections.abc import Iterator

import pytest

from tests.battery.forking import forking
from tests.faults.processes import unmeasured


@pytest.fixture(scope="session", autouse=True)
def _forks() -> Iterator[None]:
    with forking(unmeasured()):
        yield
