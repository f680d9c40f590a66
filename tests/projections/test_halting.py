"""A projection that stops at an event: what is noted, what goes on, and what it is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct

from journey.v1.events_pb2 import Event
from journey.v1.projection_service_pb2 import SkippedEvent
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.identity import partition_of
from journey_service.store.memory import MemoryStore
from projections.halting import in_words
from projections.runner import Runner
from projections.view import StoredView
from tests.contract.acts import SUBJECT, acts

NAME = "counts"
SECRET = "what a customer said"


class Counts:
    """Events of each subject by version; those of some versions cannot be folded."""

    name, version = NAME, 1

    def __init__(self) -> None:
        self.broken: set[int] = set()
        self.nameless: set[int] = set()

    def keys_of(self, event: Event) -> tuple[str, ...]:
        if event.version in self.nameless:
            raise KeyError(SECRET)
        return ("",)

    def fold_event(self, states: dict[str, Struct], event: Event) -> set[str]:
        state = states.setdefault("", Struct())
        state[str(event.version)] = True
        if event.version in self.broken:
            raise ValueError(SECRET)
        return {""}

    def merge(self, mine: Struct, theirs: Struct) -> Struct:
        mine.MergeFrom(theirs)
        return mine

    def parse(self, state: bytes) -> Struct:
        return Struct.FromString(state)


@pytest.fixture
async def store() -> MemoryStore:
    opened = MemoryStore()
    await opened.states.register(NAME, 1)
    return opened


@pytest.fixture
def counts() -> Counts:
    return Counts()


def runner(store: MemoryStore, counts: Counts, **more: Any) -> Runner[Struct]:
    given: dict[str, Any] = {"owner": "me", "pause_after_fault_s": 3_600.0} | more
    return Runner(counts, store.journal, store.states, stops=store.stops, **given)


async def folded(store: MemoryStore) -> tuple[int, set[int]]:
    """Version folded to, and the versions that are in the state."""
    snapshot = await store.states.read_subject(NAME, SUBJECT)
    state = Struct.FromString(snapshot.states.get("", b""))
    return snapshot.folded_version, {int(version) for version in state.fields}


async def skip(store: MemoryStore, position: int) -> None:
    told = SkippedEvent(partition=partition_of(SUBJECT), position=position, reason="broken")
    assert await store.stops.skip(NAME, 1, 1, told)


async def test_a_stop_names_the_event_and_where_in_the_code_and_never_what_was_said(
    store: MemoryStore, counts: Counts
) -> None:
    await store.journal.append(acts(1, 2, 3))
    counts.broken = {2}
    await runner(store, counts).catch_up()
    (stop,) = await store.stops.stopped(NAME, 1)
    event = (await store.journal.read_stream(SUBJECT))[1]
    assert (stop.partition, stop.position) == (event.partition, 2)
    assert (stop.event_id, stop.type) == (event.interaction.event_id, event.type)
    assert stop.error.startswith("ValueError at projections/test_halting.py:")
    assert SECRET not in stop.error
    assert await folded(store) == (1, {1})


async def test_a_projection_that_cannot_tell_what_an_event_concerns_stops_at_it(
    store: MemoryStore, counts: Counts
) -> None:
    await store.journal.append(acts(1, 2))
    counts.nameless = {2}
    await runner(store, counts).catch_up()
    assert await folded(store) == (1, {1})
    (stop,) = await store.stops.stopped(NAME, 1)
    assert stop.error.startswith("KeyError")


async def test_what_cannot_be_published_for_the_index_stops_at_its_event(
    store: MemoryStore, counts: Counts
) -> None:
    def index(state: Struct) -> list[tuple[str, str]]:
        if "2" in state.fields:
            raise ArithmeticError
        return [("last", "1")]

    await store.journal.append(acts(1, 2))
    await runner(store, counts, index=index).catch_up()
    assert await folded(store) == (1, {1})
    (stop,) = await store.stops.stopped(NAME, 1)
    assert stop.position == 2


async def test_an_order_to_try_again_is_followed_at_once_and_its_success_forgets_the_stop(
    store: MemoryStore, counts: Counts
) -> None:
    await store.journal.append(acts(1, 2, 3))
    counts.broken = {2}
    stopped = runner(store, counts)
    assert await stopped.catch_up() == 1
    assert await stopped.catch_up() == 0
    counts.broken.clear()
    assert await stopped.catch_up() == 0, "it rests"
    await store.stops.retry(NAME, 1, [partition_of(SUBJECT)])
    assert await stopped.catch_up() == 2
    assert await folded(store) == (3, {1, 2, 3})


async def test_a_stop_that_a_process_before_noted_is_forgotten_by_the_one_that_gets_past_it(
    store: MemoryStore, counts: Counts
) -> None:
    await store.journal.append(acts(1, 2, 3))
    counts.broken = {2}
    before = runner(store, counts)
    await before.catch_up()
    await before.release()
    counts.broken.clear()
    await runner(store, counts, owner="next").catch_up()
    assert await store.stops.stopped(NAME, 1) == []


async def test_only_what_was_told_is_left_out_and_the_rest_of_the_page_is_folded(
    store: MemoryStore, counts: Counts
) -> None:
    await store.journal.append(acts(1, 2, 3, 4, 5))
    counts.broken, counts.nameless = {2}, {4}
    stopped = runner(store, counts)
    await stopped.catch_up()
    await skip(store, 2)
    await stopped.catch_up()
    assert await folded(store) == (3, {1, 3})
    await skip(store, 4)
    await stopped.catch_up()
    assert await folded(store) == (5, {1, 3, 5})
    assert await store.stops.stopped(NAME, 1) == []


async def test_what_was_told_to_be_left_out_is_folded_where_the_fold_can(
    store: MemoryStore, counts: Counts
) -> None:
    await store.journal.append(acts(1, 2))
    counts.broken = {2}
    await runner(store, counts).catch_up()
    await skip(store, 2)
    counts.broken.clear()
    await runner(store, counts).catch_up()
    assert await folded(store) == (2, {1, 2})


@pytest.fixture
def damaged(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second event cannot be read."""
    read = store.journal.read_partition

    async def read_partition(number: int, **range_: Any) -> list[Event]:
        events = await read(number, **range_)
        if any(event.position == 2 for event in events):
            raise EventUnreadable(position=2, subject_id=SUBJECT, version=2)
        return events

    monkeypatch.setattr(store.journal, "read_partition", read_partition)


@pytest.mark.usefixtures("damaged")
async def test_damaged_bytes_are_passed_over_when_that_was_told(
    store: MemoryStore, counts: Counts
) -> None:
    await store.journal.append(acts(1, 2, 3))
    stopped = runner(store, counts)
    await stopped.catch_up()
    (stop,) = await store.stops.stopped(NAME, 1)
    assert (stop.position, stop.event_id, stop.error) == (2, "", EventUnreadable().message)
    await skip(store, 2)
    await stopped.catch_up()
    assert await folded(store) == (3, {1, 3})


async def test_a_stored_state_that_is_damaged_stops_its_partition(
    store: MemoryStore, counts: Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def load(*_: object) -> None:
        raise EventUnreadable("A stored state is damaged; it is not served.")

    await store.journal.append(acts(1))
    monkeypatch.setattr(store.states, "load", load)
    await runner(store, counts).catch_up()
    (stop,) = await store.stops.stopped(NAME, 1)
    assert (stop.position, stop.error) == (1, "A stored state is damaged; it is not served.")


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert in_words(ValueError(SECRET)) == "ValueError"


def test_a_view_without_index_has_nothing_that_it_is_found_by(counts: Counts) -> None:
    view = StoredView(counts, "Counts.", publish=lambda state: {})
    assert view.indexed(Struct()) == ()
    assert view.updated_at_ms(Struct()) == 0


async def test_what_many_states_are_found_by_lets_others_have_their_turn(
    store: MemoryStore, counts: Counts
) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    mates = [name for n in range(4_000) if partition_of(name := f"c-{n}") == partition_of(SUBJECT)]
    for name in mates[:40]:
        await store.journal.append(acts(1, subject=name))
    found: list[int] = []

    def index(_: Struct) -> list[tuple[str, str]]:
        found.append(turns)
        return []

    other = asyncio.create_task(others())
    await runner(store, counts, index=index).catch_up()
    other.cancel()
    assert len(found) == 40
    assert len(set(found)) >= 4
