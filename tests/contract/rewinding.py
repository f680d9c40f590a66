"""Restores from a backup, as a journal lives through them."""

from __future__ import annotations

import itertools

from journey_service.store.memory import MemoryStore
from journey_service.store.placing import event_key
from journey_service.store.postgres import PostgresStore
from tests.postgres import RoleDsn
from tests.store.databases import carry_out

# Timelines of servers that there never were: tests cannot promote the shared server.
_TIMELINES = itertools.count(70_000)


def restore_in_memory(store: MemoryStore, partition: int, head: int) -> None:
    """Lose what lies behind a position of a partition, and begin an epoch."""
    journal = store.journal
    log = journal._partitions[partition]
    for event in reversed(log[head:]):
        stream = journal.streams[event.subject_id]
        stream.events.pop()
        stream.ids.pop(event_key(event.interaction.event_id), None)
        stream.watermarks[event.occurrence.installation_id].processed_seq -= 1
    del log[head:]
    journal.begin_epoch()


async def restore_database(database_as: RoleDsn, partition: int, head: int) -> None:
    """The same to a database; whoever connects from now on finds it on another timeline."""
    lost = await carry_out(
        database_as,
        "DELETE FROM events WHERE partition = $1 AND position > $2 "
        "RETURNING originator_id, installation_id",
        partition,
        head,
    )
    for subject_id, installation_id in lost:
        await carry_out(
            database_as,
            "UPDATE subjects SET version = version - 1 WHERE partition = $1 AND subject_id = $2",
            partition,
            subject_id,
        )
        await carry_out(
            database_as,
            "UPDATE installations SET processed_seq = processed_seq - 1 "
            "WHERE partition = $1 AND subject_id = $2 AND installation_id = $3",
            partition,
            subject_id,
            installation_id,
        )
    await carry_out(
        database_as, "UPDATE partitions SET head = $2 WHERE partition = $1", partition, head
    )
    await carry_out(
        database_as,
        "UPDATE epochs SET timeline = $1 WHERE number = (SELECT max(number) FROM epochs)",
        next(_TIMELINES),
    )


async def reconnect(store: PostgresStore) -> None:
    """All connections of a store are lost, because its server is another one from now on."""
    epochs = store._epochs
    epochs.all = (*epochs.all[:-1], epochs.current._replace(timeline=-1))
    for pool in store._pools:
        pool.expire()
        # Without the short wait that a call has for a new connection.
        await pool.warm()
