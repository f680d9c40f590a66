"""People who become one customer, on the stage in memory and on a database."""

from __future__ import annotations

from journey_service.domain.customers import Link
from tests.application.scene import Scene
from tests.contract.customers import Linking


async def link(stage: Scene, one: str, other: str, *accounts: str) -> Link:
    """Link two subjects now; `accounts` of them hold one."""
    now_ms = stage.application.now_ms()
    linking = await Linking(stage.store, one, other, accounts, now_ms).read()
    made = linking.decide()
    assert isinstance(made, Link)
    await linking.write()
    return made
