"""G3: answered = durable. The row DUR-1 of the battery does this a thousand times."""

from __future__ import annotations

import pytest

from tests.battery.database import kill_whole, server_of
from tests.guarantees.conftest import Processes
from tests.guarantees.devices import added, quantities


@pytest.mark.timeout(120)
async def test_g3_what_was_answered_is_there_after_service_and_database_are_killed(
    processes: Processes,
) -> None:
    phone = await processes.device(processes.one)
    for killed in range(1, 4):
        await phone.record(added())
        server = server_of(processes.data_dir)
        assert server is not None
        await processes.one.kill()
        await processes.two.kill()
        kill_whole(server)
        await processes.one.start()
        await processes.two.start(wait=False)
        await phone.open_session()
        assert quantities((await phone.cart()).journey) == {"tea": killed}
    assert [event.interaction.seq for event in await phone.events() if event.interaction.seq] == [
        1,
        2,
        3,
    ]
