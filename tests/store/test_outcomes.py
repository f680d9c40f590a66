import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from journey.v1.errors_pb2 import ERROR_REASON_STATE_CONFLICT
from journey_service.domain.errors import (
    ExpiredInQueue,
    JourneyError,
    OutcomeUnknown,
    RateLimited,
    StorageUnavailable,
)
from journey_service.ports import Appended
from journey_service.settings import Settings
from journey_service.store.postgres import NoObserver, PostgresStore
from tests.contract.acts import acts, positions, until, versions, whole
from tests.contract.shop import ORDER, placed, reserved, tell
from tests.postgres import RoleDsn, new_data_dir
from tests.store.databases import carry_out, connected
from tests.store.opening import MASTER_KEYS, open_store, the_careful_way
from tests.store.wire import Cut, Matches, Wire, copying, executing, saying

LOCK = "SELECT head FROM partitions FOR UPDATE"
MANY = tuple(range(2, 202))
# What an append says on its way, by the path it takes.
FAST = {"the statement": executing("locked AS MATERIALIZED (\n    SELECT partition, head")}
COPIED = {
    "begin": saying("BEGIN"),
    "compare and set": executing("locked AS MATERIALIZED (\n    SELECT partition, head"),
    "rows": copying,
    "commit": saying("COMMIT"),
}
CAREFUL = {
    "begin": saying("BEGIN"),
    "lock": executing("locked AS MATERIALIZED (\n    SELECT partition FROM"),
    "facts": executing("'h' AS fact"),
    "rows": copying,
    "what follows": executing("machines_moved"),
    "commit": saying("COMMIT"),
}
PHASES = [
    *(("fast", name, match) for name, match in FAST.items()),
    *(("copied", name, match) for name, match in COPIED.items()),
    *(("careful", name, match) for name, match in CAREFUL.items()),
]


class Told(NoObserver):
    """Remembers what the store tells."""

    def __init__(self) -> None:
        self.resolved: list[str] = []
        self.paths: list[str] = []

    def appended(self, path: str, *, requests: int, events: int, seconds: float) -> None:
        self.paths.append(path)

    def outcome_unknown(self, resolved: str) -> None:
        self.resolved.append(resolved)


@pytest.fixture
async def wire(database_as: RoleDsn) -> AsyncIterator[Wire]:
    # A short path: the socket's name has a limit.
    with new_data_dir() as folder:
        folder.mkdir()
        wire = Wire(folder, database_as("application"))
        async with wire.open():
            yield wire


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def store(wire: Wire, told: Told) -> AsyncIterator[PostgresStore]:
    # What was cut is opened anew, which may take its time.
    settings = Settings(lane_queue_interactions=200, pool_read_wait_ms=5_000)
    async with await PostgresStore.open(
        wire.dsn(), MASTER_KEYS, settings=settings, observer=told
    ) as opened:
        await opened.journal.append(acts(1))
        yield opened


@pytest.mark.parametrize("cut", [Cut.BEFORE, Cut.AFTER, Cut.LATE])
@pytest.mark.parametrize(
    ("path", "phase", "match"), PHASES, ids=[f"{path}: {phase}" for path, phase, _ in PHASES]
)
async def test_a_cut_at_any_phase_gives_the_true_answer_and_one_copy(
    wire: Wire, store: PostgresStore, told: Told, path: str, phase: str, match: Matches, cut: Cut
) -> None:
    if path == "careful":
        the_careful_way(store)
    numbers = MANY if path == "copied" else (2, 3)
    sent = path == "fast" or phase == "commit"
    with wire.trap(match, cut) as trap:
        if not sent:
            # What was begun holds its locks until its next message comes, or none any more.
            asyncio.get_running_loop().call_later(0.5, trap.let_go.set)
        answer = await store.journal.append(acts(*numbers))
    assert [result.duplicate for result in answer.results] == [False] * len(numbers)
    assert [result.version for result in answer.results] == list(numbers)
    assert len(told.resolved) == sent
    if sent:
        assert told.resolved == ["committed" if cut is Cut.AFTER else "absent"]
    if cut is Cut.LATE:
        trap.let_go.set()
        await trap.over.wait()
    after = await store.journal.append(acts(numbers[-1] + 1))
    assert after.version == numbers[-1] + 1
    events = await whole(store.journal)
    assert versions(events) == positions(events) == list(range(1, numbers[-1] + 2))
    assert [event.interaction.seq for event in events] == list(range(1, numbers[-1] + 2))


@pytest.mark.parametrize("cut", [Cut.BEFORE, Cut.AFTER])
@pytest.mark.parametrize("phase", [*CAREFUL, "journeys"])
async def test_a_cut_at_any_phase_leaves_one_transition_and_the_right_state(
    wire: Wire, store: PostgresStore, phase: str, cut: Cut
) -> None:
    await tell(store, ORDER, placed(book=2))
    match = CAREFUL.get(phase, executing("live AS MATERIALIZED"))
    with wire.trap(match, cut):
        answer = await tell(store, ORDER, reserved(book=1))
    assert (answer.reason, answer.duplicate) == (0, False)
    refused = await tell(store, ORDER, reserved(book=2))
    assert (refused.reason, refused.current.rev) == (ERROR_REASON_STATE_CONFLICT, 2)


async def test_followers_get_what_was_found_to_be_committed(
    wire: Wire, store: PostgresStore
) -> None:
    delivered: list[int] = []
    events = await whole(store.journal)
    with (
        store.journal.follow(events[0].partition, lambda found: delivered.extend(positions(found))),
        wire.trap(FAST["the statement"], Cut.AFTER),
    ):
        await store.journal.append(acts(2))
        await until(lambda: len(delivered) == 1)
    assert delivered == [2]


async def test_a_killed_backend_costs_nobody_an_answer(
    database_as: RoleDsn, store: PostgresStore
) -> None:
    kills = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'journey append' AND datname = current_database()"
    )
    answered = 0

    async def write(name: str) -> list[Appended]:
        nonlocal answered
        found = []
        for number in range(1, 41):
            sent = store.journal.append(acts(number, subject=name), deadline=in_s(30))
            found.append(await sent)
            answered += 1
            if answered % 25 == 0:
                await carry_out(database_as, kills)
        return found

    answers = await asyncio.gather(*(write(f"s{n}") for n in range(8)))
    for n, one in enumerate(answers):
        events = await whole(store.journal, f"s{n}")
        assert versions(events) == list(range(1, 41))
        assert [a.results[0].position for a in one] == positions(events)
        assert not any(a.results[0].duplicate for a in one)


async def test_random_cuts_never_make_an_answer_untrue(wire: Wire, store: PostgresStore) -> None:
    chance, done = random.Random(11), asyncio.Event()
    answered: dict[tuple[str, int], Appended] = {}

    async def write(name: str) -> None:
        for number in range(1, 13):
            sent = acts(number, subject=name)
            while (name, number) not in answered:
                try:
                    answered[name, number] = await store.journal.append(sent, deadline=in_s(2))
                except JourneyError as error:
                    if not isinstance(error, OutcomeUnknown | StorageUnavailable | ExpiredInQueue):
                        raise
                    await asyncio.sleep(0.01)

    async def cut() -> None:
        while not done.is_set():
            before = len(answered)
            for _ in range(4):
                await asyncio.sleep(chance.uniform(0.005, 0.1))
                wire.cut_all()
            # On a busy machine it takes longer to connect anew than until the next cut.
            while len(answered) == before and not done.is_set():  # noqa: ASYNC110  nobody tells
                await asyncio.sleep(0.01)

    cutting = asyncio.create_task(cut())
    await asyncio.gather(*(write(f"s{n}") for n in range(6)))
    done.set()
    await cutting
    for n in range(6):
        events = await whole(store.journal, f"s{n}")
        assert [event.interaction.seq for event in events] == list(range(1, 13))
        assert [answered[f"s{n}", number].results[0].position for number in range(1, 13)] == (
            positions(events)
        )


def in_s(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def test_a_deadline_that_passes_while_the_answer_is_on_its_way_leaves_the_outcome_unknown(
    wire: Wire, store: PostgresStore
) -> None:
    with wire.trap(FAST["the statement"], Cut.HELD) as trap:
        with pytest.raises(OutcomeUnknown):
            await store.journal.append(acts(2), deadline=in_s(0.3))
        trap.let_go.set()
    again = await store.journal.append(acts(2))
    assert again.results[0].duplicate
    assert versions(await whole(store.journal)) == [1, 2]


async def test_a_database_that_is_away_is_unavailable_at_the_deadline_and_then_serves_again(
    wire: Wire, store: PostgresStore
) -> None:
    wire.refusing = True
    wire.cut_all()
    await asyncio.sleep(0.05)
    began = in_s(0)
    with pytest.raises((StorageUnavailable, OutcomeUnknown)):
        await store.journal.append(acts(2), deadline=in_s(0.5))
    assert in_s(0) - began < 1
    with pytest.raises(StorageUnavailable):
        await whole(store.journal)
    wire.refusing = False
    assert (await store.journal.append(acts(2))).version == 2


async def test_an_outage_shorter_than_the_deadline_is_waited_out(
    wire: Wire, store: PostgresStore
) -> None:
    wire.refusing = True
    wire.cut_all()
    waiting = asyncio.create_task(store.journal.append(acts(2)))
    await asyncio.sleep(0.5)
    wire.refusing = False
    assert (await waiting).version == 2


async def test_a_full_lane_refuses_and_an_expired_request_is_never_begun(
    database_as: RoleDsn, store: PostgresStore
) -> None:
    async with connected(database_as) as other, other.transaction():
        await other.execute(LOCK)
        stuck = asyncio.create_task(store.journal.append(acts(2)))
        await asyncio.sleep(0.1)
        waiting = asyncio.create_task(store.journal.append(acts(3), deadline=in_s(0.2)))
        full = [
            asyncio.create_task(store.journal.append(acts(1, subject=f"s{n}"))) for n in range(199)
        ]
        await asyncio.sleep(0)
        with pytest.raises(RateLimited):
            await store.journal.append(acts(4))
        with pytest.raises(ExpiredInQueue):
            await waiting
    assert (await stuck).version == 2
    await asyncio.gather(*full)
    assert versions(await whole(store.journal)) == [1, 2]


async def test_a_batch_that_the_database_refuses_harms_no_neighbour(
    store: PostgresStore,
) -> None:
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: told.append(context["exception"])
    )
    try:
        found = await asyncio.gather(
            store.journal.append(acts(2)),
            store.journal.append(
                acts(1, subject="".join(random.Random(1).choices("abcxyz", k=9_000)))
            ),
            store.journal.append(acts(1, subject="neighbour")),
            return_exceptions=True,
        )
    finally:
        asyncio.get_running_loop().set_exception_handler(None)
    first, poison, neighbour = found
    assert isinstance(first, Appended)
    assert isinstance(neighbour, Appended)
    assert isinstance(poison, JourneyError)
    assert len(told) == 1
    assert versions(await whole(store.journal)) == [1, 2]


async def test_closing_finishes_what_waits_and_refuses_the_rest(database_as: RoleDsn) -> None:
    async with open_store(database_as) as store:
        waiting = [
            asyncio.create_task(store.journal.append(acts(1, subject=f"s{n}"))) for n in range(50)
        ]
        await asyncio.sleep(0)
    assert {(await one).version for one in waiting} == {1}
    with pytest.raises(StorageUnavailable):
        await store.journal.append(acts(1))


async def test_an_event_that_another_process_recorded_says_nothing_of_a_lost_group(
    database_as: RoleDsn, wire: Wire
) -> None:
    one_connection = Settings(pool_append_connections=1)
    mine = await PostgresStore.open(wire.dsn(), MASTER_KEYS, settings=one_connection)
    async with mine, open_store(database_as) as other:
        await mine.journal.append(acts(1, subject="s1"))
        await mine.journal.append(acts(1, subject="s2"))
        with wire.trap(FAST["the statement"], Cut.BEFORE) as trap:
            wire.refusing = True
            group = [
                asyncio.create_task(mine.journal.append(acts(2, subject=subject)))
                for subject in ("s1", "s2")
            ]
            await trap.sprung.wait()
            # The first one's device gives up and sends it again, to the other process.
            group[0].cancel()
            await other.journal.append(acts(2, subject="s1"))
            wire.refusing = False
            answer = await group[1]
        assert answer.version == 2
        assert versions(await whole(other.journal, "s2")) == [1, 2]
        assert versions(await whole(other.journal, "s1")) == [1, 2]
