"""Thousands of histories of devices, clocks and services: every replica shows the same bytes."""

from __future__ import annotations

import pytest

from journey_service.store.postgres.store import PostgresStore
from tests.postgres import RoleDsn
from tests.simulation.__main__ import CI_COUNT, play_many, replay
from tests.simulation.history import play
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.world import in_memory, on_postgres
from tests.stage import MASTER_KEYS, PATIENT

PART = CI_COUNT // 8
FIRST = 1
ON_POSTGRES = 6
MUTANT_TRIES = 60


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(FIRST, FIRST + CI_COUNT, PART))
async def test_every_replica_and_every_reconnect_order_ends_in_equal_bytes(first: int) -> None:
    total, broken = await play_many(first, PART)
    assert not broken, f"python -m tests.simulation --seed {broken[0]}"
    assert total.events > 20 * PART
    assert min(total.told.values()) > PART // 20, "everything that can happen happens often"


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=list(MUTANTS))
async def test_a_service_that_breaks_a_promise_is_found_out(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant(monkeypatch)
    found = []
    for seed in range(MUTANT_TRIES):
        try:
            await play(seed, in_memory)
        except AssertionError as error:
            found.append(str(error))
            break
    assert found, f"{MUTANT_TRIES} histories held all the same"


async def test_several_processes_on_postgres_end_in_equal_bytes(database_as: RoleDsn) -> None:
    dsn = database_as("application")
    async with (
        await PostgresStore.open(dsn, MASTER_KEYS, settings=PATIENT) as one,
        await PostgresStore.open(dsn, MASTER_KEYS, settings=PATIENT) as two,
    ):
        for seed in range(1, ON_POSTGRES + 1):
            await play(seed, lambda draw: on_postgres(draw, (one, two)))


async def test_a_seed_plays_the_same_history_again() -> None:
    first, again = [await play(7, in_memory) for _ in range(2)]
    assert (first.events, first.told) == (again.events, again.told)


async def test_a_broken_history_is_replayed_with_as_few_steps_as_break_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    MUTANTS["a duplicate counts"](monkeypatch)
    broken = (await play_many(1, 200))[1]
    capsys.readouterr()
    assert await replay(broken[0]) == 1
    told = capsys.readouterr()
    assert f"seed {broken[0]} is broken after " in told.out
    monkeypatch.undo()
    assert await replay(broken[0]) == 0
