from collections.abc import AsyncIterator

import pytest

from journey.v1.events_pb2 import Event
from journey_service.domain.errors import EventUnreadable
from journey_service.ports import StateRow
from journey_service.store.postgres import Finding, PostgresStore
from tests.contract.acts import SUBJECT, acts, partition, until, versions, whole
from tests.postgres import RoleDsn
from tests.store.databases import carry_out
from tests.store.opening import open_store

OTHER = "somebody else"
# What somebody with the database, and without the master key, may try on version 2 of the stream.
TAMPERING = {
    what: f"UPDATE events SET {change} WHERE originator_id = $1 AND originator_version = 2"
    for what, change in {
        "a byte of the content": "state = set_byte(state, 40, get_byte(state, 40) # 1)",
        "a byte of the nonce": "state = set_byte(state, 3, get_byte(state, 3) # 1)",
        "the schema": "state = set_byte(state, 0, 9)",
        "nothing left": "state = ''",
        "the content of another version": "state = (SELECT state FROM events "
        "WHERE originator_id = $1 AND originator_version = 3)",
        "the content of another subject": "state = (SELECT state FROM events "
        f"WHERE originator_id = '{OTHER}' AND originator_version = 2)",
        "another type": "topic = 'order.placed'",
        "another id": "event_id = gen_random_uuid()",
        "another key version": "key_version = 2",
    }.items()
} | {
    "the wrapped key": "UPDATE subjects SET wrapped_keys = (SELECT wrapped_keys FROM subjects "
    f"WHERE subject_id = '{OTHER}') WHERE subject_id = $1",
}
SPOIL_KEY = "UPDATE subjects SET wrapped_keys = '{x}' WHERE subject_id = $1"


@pytest.fixture
async def store(database_as: RoleDsn) -> AsyncIterator[PostgresStore]:
    async with open_store(database_as, key_cache_ms=0) as opened:
        await opened.journal.append(acts(1, 2, 3))
        await opened.journal.append(acts(1, 2, 3, subject=OTHER))
        yield opened


async def findings(store: PostgresStore) -> set[tuple[str, str]]:
    return {
        (found.what, found.subject_id)
        async for found in store.verify()
        if isinstance(found, Finding)
    }


@pytest.mark.parametrize("what", TAMPERING)
async def test_a_row_that_was_tampered_with_is_found_and_harms_nobody_else(
    database_as: RoleDsn, store: PostgresStore, what: str
) -> None:
    assert await findings(store) == set()
    await carry_out(database_as, TAMPERING[what], SUBJECT)
    with pytest.raises(EventUnreadable) as caught:
        await whole(store.journal)
    assert caught.value.metadata["subject_id"] == SUBJECT
    assert versions(await whole(store.journal, OTHER)) == [1, 2, 3]
    assert (await store.journal.append(acts(4, subject=OTHER))).version == 4
    assert ("unreadable", SUBJECT) in await findings(store)
    assert OTHER not in {subject for _, subject in await findings(store)}


async def test_two_rows_that_change_places_are_found(
    database_as: RoleDsn, store: PostgresStore
) -> None:
    for version, other in ((2, 30), (3, 2), (30, 3)):
        await carry_out(
            database_as,
            "UPDATE events SET originator_version = $2 "
            f"WHERE originator_id = $1 AND originator_version = {version}",
            SUBJECT,
            other,
        )
    with pytest.raises(EventUnreadable):
        await whole(store.journal)


async def test_a_transplanted_row_does_not_open_in_another_stream(
    database_as: RoleDsn, store: PostgresStore
) -> None:
    await carry_out(
        database_as,
        "UPDATE events SET originator_id = $1, partition = $2, originator_version = 4, "
        "position = 4 WHERE originator_id = $3 AND originator_version = 3",
        SUBJECT,
        partition(store.journal),
        OTHER,
    )
    with pytest.raises(EventUnreadable):
        await whole(store.journal)


async def test_a_repeat_of_a_damaged_event_is_refused_and_its_neighbours_are_not(
    database_as: RoleDsn, store: PostgresStore
) -> None:
    await carry_out(database_as, TAMPERING["a byte of the content"], SUBJECT)
    with pytest.raises(EventUnreadable):
        await store.journal.append(acts(1, 2, 3))
    assert (await store.journal.append(acts(4, subject=OTHER))).version == 4


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DELETE FROM events WHERE originator_id = $1 AND originator_version = 2", "hole"),
        ("DELETE FROM events WHERE originator_id = $1 AND originator_version = 3", "head"),
        ("UPDATE subjects SET version = 9 WHERE subject_id = $1", "subject"),
        ("UPDATE events SET occurred_ms = 5 WHERE originator_id = $1", "column"),
        ("UPDATE events SET seq = 9 WHERE originator_id = $1", "column"),
    ],
)
async def test_verify_finds_what_is_missing_or_says_something_else(
    database_as: RoleDsn, store: PostgresStore, statement: str, what: str
) -> None:
    await carry_out(database_as, statement, SUBJECT)
    found = await findings(store)
    assert what in {name for name, _ in found}
    assert OTHER not in {subject for _, subject in found}


async def test_a_follower_gets_what_can_be_told_of_a_damaged_event(
    database_as: RoleDsn, store: PostgresStore
) -> None:
    delivered: list[Event] = []
    async with open_store(database_as) as writer:
        await carry_out(database_as, SPOIL_KEY, OTHER)
        with store.journal.follow(partition(store.journal), delivered.extend):
            await writer.journal.append(acts(4))
            await until(lambda: bool(delivered))
        assert delivered[0].interaction.HasField("media_paused")
        delivered.clear()
        store._reader._ring.forget(SUBJECT)
        await carry_out(database_as, SPOIL_KEY, SUBJECT)
        with store.journal.follow(partition(store.journal), delivered.extend):
            await writer.journal.append(acts(5, 6))
            await until(lambda: len(delivered) == 2)
    assert [(event.version, event.HasField("interaction")) for event in delivered] == [
        (5, False),
        (6, False),
    ]


async def test_nothing_a_customer_did_lies_in_the_tables_in_clear(
    database_as: RoleDsn, store: PostgresStore
) -> None:
    statement = "SELECT state FROM events WHERE originator_id = $1"
    (row, *_) = await carry_out(database_as, statement, SUBJECT)
    (event, *_) = await whole(store.journal)
    assert event.interaction.journey.journey_id.encode() == b"film"
    assert b"film" not in row["state"]
    assert b"media" not in row["state"]


async def test_states_open_only_at_their_place(database_as: RoleDsn, store: PostgresStore) -> None:
    await store.states.register("journeys", 1)
    (lease,) = await store.states.acquire(
        "journeys", "me", [partition(store.journal)], life_ms=60_000
    )
    rows = [StateRow(SUBJECT, "media/a", 2, b"A"), StateRow(SUBJECT, "media/b", 2, b"B")]
    await store.states.save(lease, rows, {SUBJECT: 2}, 2)
    await carry_out(
        database_as,
        "UPDATE states SET state = (SELECT state FROM states WHERE key = 'media/b') "
        "WHERE key = 'media/a'",
    )
    with pytest.raises(EventUnreadable):
        await store.states.read_subject("journeys", SUBJECT)
    with pytest.raises(EventUnreadable):
        await store.states.load(lease, [(SUBJECT, "media/a")])
    found = await store.states.read_subject("journeys", SUBJECT, keys=["media/b"])
    assert dict(found.states) == {"media/b": b"B"}
