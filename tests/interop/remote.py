"""A service for the recorders of the client, on the loop on which they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from journey_client.eventsourcing import _bridges
from journey_service.domain.formats import CustomType, Declared
from journey_service.settings import Settings
from journey_service.store.memory import MemoryStore
from projections.recorders.events import NAMES
from tests.transport.serving import Served, serving

DECLARED = Declared(custom_types=dict.fromkeys(NAMES, CustomType(purpose="functional")))


@contextmanager
def service(partitions: int = 1) -> Iterator[tuple[Served, dict[str, str]]]:
    """A running service, and the environment of an application that uses it."""
    bridge = _bridges.take()
    store = MemoryStore(Settings(partition_count=partitions))
    context = serving(store, declared=DECLARED, partition_count=partitions)
    served = bridge.run(context.__aenter__())
    token = served.mint.token("service", "orders", scopes=["journal.read"])
    try:
        yield (
            served,
            {
                "PERSISTENCE_MODULE": "journey_client.eventsourcing",
                "JOURNEY_ADDRESS": f"127.0.0.1:{served.server.port}",
                "JOURNEY_TOKEN": token,
            },
        )
    finally:
        bridge.run(context.__aexit__(None, None, None))
        _bridges.give_back()
