import asyncio
from collections.abc import AsyncIterator

import pytest

from journey.v1.events_pb2 import Event
from journey_service.domain.batch import LeaseLimit
from journey_service.domain.errors import SubjectErased, VersionConflict
from journey_service.store.postgres import DatabaseUnfit, NoObserver, PostgresStore
from tests.application.scene import FILM, played
from tests.contract.acts import (
    SUBJECT,
    acts,
    outcomes,
    partition,
    positions,
    reports,
    until,
    versions,
    whole,
)
from tests.contract.group_seeks import loaded, made
from tests.contract.leases import Player, grant
from tests.contract.sessions import command, session
from tests.postgres import RoleDsn
from tests.store.databases import carry_out, connected
from tests.store.opening import MASTER_KEYS, open_store

Stores = tuple[PostgresStore, PostgresStore]


class Paths(NoObserver):
    """Counts the ways that groups took."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def appended(self, path: str, *, requests: int, events: int, seconds: float) -> None:
        self.taken.append(path)

    def retried(self, cause: str) -> None:
        self.taken.append(cause)


@pytest.fixture
def paths() -> Paths:
    return Paths()


@pytest.fixture
async def stores(database_as: RoleDsn, paths: Paths) -> AsyncIterator[Stores]:
    async with (
        open_store(database_as, observer=paths) as first,
        open_store(database_as) as second,
    ):
        yield first, second


async def test_alone_a_store_guesses_always(stores: Stores, paths: Paths) -> None:
    for number in range(1, 6):
        await stores[0].journal.append(acts(number))
    assert paths.taken == ["fast"] * 5


async def test_a_guess_that_another_process_made_wrong_goes_the_careful_way(
    stores: Stores, paths: Paths
) -> None:
    first, second = stores
    await first.journal.append(acts(1))
    await second.journal.append(acts(2))
    paths.taken.clear()
    answer = await first.journal.append(acts(3))
    assert answer.version == 3
    # The number was not expected, so the facts were looked up, and the guess is right again.
    assert paths.taken == ["fast"]
    await second.journal.append(acts(1, installation="other"))
    paths.taken.clear()
    assert (await first.journal.append(acts(4))).version == 5
    assert paths.taken == ["guess", "careful"]


async def test_interleaved_writers_of_one_subject_leave_no_hole_and_no_fork(
    stores: Stores,
) -> None:
    async def write(store: PostgresStore, name: str) -> None:
        for number in range(1, 41):
            answer = await store.journal.append(acts(number, installation=name))
            assert answer.processed_seq == number

    await asyncio.gather(
        *(write(store, f"{n}-{k}") for k in range(4) for n, store in enumerate(stores))
    )
    events = await whole(stores[0].journal)
    assert versions(events) == positions(events) == list(range(1, 321))
    assert len({event.interaction.event_id for event in events}) == 320


async def test_the_same_batch_sent_to_both_is_stored_once(stores: Stores) -> None:
    for number in range(1, 31):
        answers = await asyncio.gather(
            *(store.journal.append(acts(number)) for store in (*stores, *stores))
        )
        assert {answer.results[0].version for answer in answers} == {number}
        assert sum(not answer.results[0].duplicate for answer in answers) == 1
    assert versions(await whole(stores[0].journal)) == list(range(1, 31))


async def test_a_race_on_an_expected_version_has_one_winner(stores: Stores) -> None:
    for race in range(20):
        found = await outcomes(
            [
                stores[n % 2].journal.append(reports(race * 8 + n, expected_version=race))
                for n in range(8)
            ]
        )
        lost = [one for one in found if isinstance(one, VersionConflict)]
        assert len(lost) == 7
        assert {one.current_version for one in lost} == {race + 1}


async def test_many_subjects_over_all_partitions_do_not_deadlock(stores: Stores) -> None:
    async def write(store: PostgresStore, name: str) -> None:
        for number in range(1, 6):
            await asyncio.gather(
                *(
                    store.journal.append(acts(number, subject=f"s{n}", installation=name))
                    for n in range(100)
                )
            )

    await asyncio.gather(*(write(store, f"device-{n}") for n, store in enumerate(stores)))
    for n in range(100):
        assert versions(await whole(stores[0].journal, f"s{n}")) == list(range(1, 11))


@pytest.mark.parametrize("polled", [False, True])
async def test_a_follower_gets_what_another_process_wrote_in_order(
    database_as: RoleDsn, stores: Stores, polled: bool
) -> None:
    first, second = stores
    delivered: list[Event] = []
    if polled:
        # Without hints there is the poll.
        await carry_out(
            database_as,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'journey hints' AND datname = current_database()",
        )
        for task in first._tasks:
            if "exchange" in task.get_name():
                task.cancel()
    with first.journal.follow(partition(first.journal), delivered.extend):

        async def write(store: PostgresStore, name: str) -> None:
            for number in range(1, 31):
                await store.journal.append(acts(number, installation=name))

        await asyncio.gather(write(first, "mine"), write(second, "theirs"))
        await until(lambda: len(delivered) >= 60)
    assert positions(delivered) == list(range(1, 61))
    assert delivered == await whole(first.journal)


async def test_hints_arrive_long_before_the_next_poll(database_as: RoleDsn, stores: Stores) -> None:
    async with open_store(database_as, head_poll_idle_ms=60_000) as slow:
        delivered: list[Event] = []
        await until(lambda: slow._hints.listening)
        with slow.journal.follow(partition(slow.journal), delivered.extend):
            await stores[1].journal.append(acts(1))
            await until(lambda: len(delivered) == 1)


async def test_the_hint_connection_comes_back(database_as: RoleDsn, stores: Stores) -> None:
    async with open_store(database_as, head_poll_idle_ms=60_000) as slow:
        await until(lambda: slow._hints.listening)
        await carry_out(
            database_as,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'journey hints' AND datname = current_database()",
        )
        await until(lambda: not slow._hints.listening)
        await until(lambda: slow._hints.listening)
        delivered: list[Event] = []
        with slow.journal.follow(partition(slow.journal), delivered.extend):
            await stores[1].journal.append(acts(1))
            await until(lambda: len(delivered) == 1)


async def test_a_session_opened_elsewhere_between_guess_and_write_spoils_nothing(
    stores: Stores,
) -> None:
    first, second = stores
    for n in range(20):
        subject = f"s{n}"
        opened, appended = await asyncio.gather(
            second.sessions.open(command(subject), session(subject=subject)),
            first.journal.append(acts(1, subject=subject)),
        )
        assert appended.version == 1
        assert versions(await whole(second.journal, subject)) == [1]
        assert await first.sessions.load(opened.session_id) == opened


async def test_a_stream_longer_than_a_page_is_delivered_whole(stores: Stores) -> None:
    first, second = stores
    delivered: list[Event] = []
    with first.journal.follow(partition(first.journal), delivered.extend):
        for start in range(1, 2_402, 400):
            await second.journal.append(acts(*range(start, start + 400)))
        await until(lambda: len(delivered) >= 2_800)
    assert positions(delivered) == list(range(1, 2_801))
    assert {event.subject_id for event in delivered} == {SUBJECT}


async def test_a_store_with_other_master_keys_is_refused_and_told_what_to_bring(
    database_as: RoleDsn, stores: Stores
) -> None:
    await stores[0].journal.append(acts(1))
    with pytest.raises(DatabaseUnfit, match="secrets"):
        await PostgresStore.open(database_as("application"), {1: b"o" * 32})


async def test_a_store_with_another_identity_key_is_refused_and_nothing_is_changed(
    database_as: RoleDsn,
) -> None:
    dsn = database_as("application")
    async with await PostgresStore.open(dsn, MASTER_KEYS, identity_key=b"i" * 32):
        pass
    noted = await carry_out(database_as, "SELECT * FROM journal")
    with pytest.raises(DatabaseUnfit, match=r"identity key.*Nothing was changed.*secrets"):
        await PostgresStore.open(dsn, MASTER_KEYS, identity_key=b"o" * 32)
    assert await carry_out(database_as, "SELECT * FROM journal") == noted
    async with await PostgresStore.open(dsn, MASTER_KEYS, identity_key=b"i" * 32):
        pass


async def test_a_database_from_before_the_check_takes_the_key_of_the_next_start(
    database_as: RoleDsn,
) -> None:
    dsn = database_as("application")
    async with await PostgresStore.open(dsn, MASTER_KEYS, identity_key=b"i" * 32):
        pass
    await carry_out(database_as, "UPDATE journal SET identity_check = NULL")
    both = await asyncio.gather(
        *(PostgresStore.open(dsn, MASTER_KEYS, identity_key=key * 32) for key in (b"i", b"o")),
        return_exceptions=True,
    )
    assert sorted(isinstance(one, DatabaseUnfit) for one in both) == [False, True]
    for opened in both:
        if isinstance(opened, PostgresStore):
            await opened.close()


async def test_a_signal_reaches_the_other_store(stores: Stores) -> None:
    told = asyncio.Event()
    await until(lambda: all(store._hints.listening for store in stores))
    with stores[1].devices.follow(SUBJECT, told.set):
        stores[0].devices.tell(SUBJECT)
        await asyncio.wait_for(told.wait(), 5)


async def test_leases_of_two_processes_have_one_order(stores: Stores) -> None:
    players = [Player(store, name) for store, name in zip(stores, ("a", "b"), strict=True)]
    epochs = []
    for _ in range(3):
        for player in players:
            epochs.append((await player.record(played(0))).lease.epoch)
    assert epochs == [1, 2, 3, 4, 5, 6]


async def test_a_lease_given_up_in_one_process_is_free_in_the_other(stores: Stores) -> None:
    await grant(stores[0], "a", name="first")
    await grant(stores[1], "a", name="again", only_if_free=True)
    assert await stores[0].journal.release(SUBJECT, FILM.kind, FILM.journey_id, 1)
    taken = await grant(stores[1], "b", name="second", only_if_free=True)
    assert taken.results[0].lease.epoch == 2


async def test_a_limit_that_cannot_be_counted_in_time_lets_the_device_play(
    database_as: RoleDsn,
) -> None:
    limit = LeaseLimit("home", {"media": 1})
    async with open_store(database_as, lock_timeout_ms=100) as store:
        await Player(store, "a", limit=limit).record(played(0))
        other = Player(store, "b", "noah", limit)
        async with connected(database_as, "application") as blocker, blocker.transaction():
            await blocker.execute("SELECT FROM limit_groups FOR UPDATE")
            assert (await other.record(played(0))).lease.installation_id == "b"
        third = Player(store, "c", "olga", limit)
        assert (await third.record(played(0))).lease.installation_id == "a"


async def test_another_process_opens_nothing_with_a_deleted_key_once_it_looks_again(
    database_as: RoleDsn,
) -> None:
    async with open_store(database_as) as first, open_store(database_as, key_cache_ms=50) as second:
        await first.journal.append(acts(1))
        assert not (await whole(second.journal))[0].redacted
        await first.erasure.erase_keys(SUBJECT)
        assert (await whole(first.journal))[0].redacted
        async with asyncio.timeout(5):
            while not (await whole(second.journal))[0].redacted:  # noqa: ASYNC110  it tells nobody
                await asyncio.sleep(0.01)


async def test_another_process_appends_nothing_behind_an_erasure(stores: Stores) -> None:
    first, second = stores
    await first.journal.append(acts(1))
    await second.erasure.erase_keys(SUBJECT)
    with pytest.raises(SubjectErased):
        await first.journal.append(acts(2))
    assert versions(await whole(second.journal)) == [1]


async def test_who_looks_at_a_group_anew_knows_who_was_erased(stores: Stores) -> None:
    first, second = stores
    place = partition(first.journal)
    await made(first.groups, first.journal.partition_count)
    await first.journal.append(acts(1))
    before = (await loaded(first.groups, place)).progress
    assert not (await first.journal.read_partition(place))[0].redacted
    await second.erasure.erase_keys(SUBJECT)
    assert (await loaded(first.groups, place)).progress != before
    assert (await first.journal.read_partition(place))[0].redacted


async def test_whose_erasure_found_nobody_has_keys_that_are_remembered_later(
    stores: Stores,
) -> None:
    first, _ = stores
    assert not await first.erasure.erase_keys(SUBJECT)
    await first.journal.append(acts(1))
    assert first.erasure._ring.remembered(SUBJECT) is not None
    assert not (await whole(first.journal))[0].redacted
