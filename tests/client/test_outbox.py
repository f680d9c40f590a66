"""The queue of a device while its subject becomes known."""

from __future__ import annotations

import asyncio
from pathlib import Path

from journey_client import interactions
from journey_client._kept import Item
from journey_client._outbox import Outbox
from journey_client._storage import Storage
from journey_client._store import Store
from journey_client.clocks import MachineClocks
from journey_client.device_settings import QueueLimits
from journey_client.ids import event_id
from journey_client.recording import BatchLimits


async def test_what_is_recorded_while_the_subject_becomes_known_is_the_subjects(
    tmp_path: Path,
) -> None:
    storage = Storage(tmp_path / "phone.db")
    contents = await storage.open("mila")
    outbox = Outbox(storage, MachineClocks(), QueueLimits(), contents.items, lambda _: None)
    interaction = interactions.cart_line_added("tea")
    interaction.event_id = event_id()
    item = Item(interaction, account="mila", size=interaction.ByteSize())
    async with outbox.local:
        adding = asyncio.create_task(outbox.add([item]))
        await asyncio.sleep(0)
        await storage.run(Store.bind, "mila", "subject-of-mila", 3)
        outbox.bind("mila", "subject-of-mila", 3)
    await adding
    assert [(each.subject_id, each.epoch) for each in outbox.items] == [("subject-of-mila", 3)]
    batch = await outbox.next_batch("subject-of-mila", BatchLimits())
    assert [each.event_id for each in batch] == [interaction.event_id]
    await storage.close()
