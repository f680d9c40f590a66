"""KurrentDB's cases of appending and of repeating, on the journal on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest

from journey_service.domain.append import decide
from journey_service.domain.batch import Batch, Known
from journey_service.domain.errors import BatchRefused, JourneyError, SubjectErased, VersionConflict
from journey_service.embedded.postgres import EmbeddedPostgres
from journey_service.settings import Settings
from journey_service.store.postgres import PostgresStore
from tests.contract.acts import acts, reports, versions, whole
from tests.peers.cases import cases_of
from tests.postgres import _own_database
from tests.store.opening import MASTER_KEYS

PATIENT = Settings(pool_wait_ms=5_000, pool_read_wait_ms=5_000)


@pytest.fixture(scope="module")
async def store(
    embedded: EmbeddedPostgres,
    template_database: str,
    _administrator: asyncpg.Connection[asyncpg.Record],
) -> AsyncIterator[PostgresStore]:
    """One for all: every case has a stream of its own."""
    async with _own_database(_administrator, template_database) as name:
        dsn = embedded.dsn("application", name)
        async with await PostgresStore.open(dsn, MASTER_KEYS, settings=PATIENT) as opened:
            yield opened


@dataclass(frozen=True)
class Repeat:
    """What was appended, one batch after the other; what comes then; what becomes of it: a
    version for each event and whether it is a repeat, or an error."""

    before: tuple[dict[str, Any], ...]
    then: dict[str, Any]
    answered: tuple[tuple[int, bool], ...] = ()
    error: type[JourneyError] | None = None
    device: bool = False
    stands_at: int = field(default=6)


def one(number: int, **condition: Any) -> dict[str, Any]:
    """A batch of one event."""
    return {"numbers": (number,), **condition}


def some(*numbers: int, **condition: Any) -> dict[str, Any]:
    """A batch of several."""
    return {"numbers": numbers, **condition}


SIX = tuple(one(number, expected_version=number - 1) for number in range(1, 7))
PAIR = (some(1, 2, expected_version=0),)

REPEATS: dict[str, Repeat] = {
    "first_again_after_five_more": Repeat(SIX, one(1), ((1, True),)),
    "last_again_without_condition": Repeat(SIX, one(6), ((6, True),)),
    "again_with_its_own_condition": Repeat(SIX, one(4, expected_version=3), ((4, True),)),
    "again_with_later_condition_is_duplicate": Repeat(
        SIX, one(1, expected_version=6), ((1, True),)
    ),
    "again_with_future_condition_is_duplicate": Repeat(
        SIX, one(1, expected_version=9), ((1, True),)
    ),
    "pair_again": Repeat(PAIR, some(1, 2, expected_version=0), ((1, True), (2, True)), stands_at=2),
    "first_of_pair_again": Repeat(PAIR, one(1, expected_version=0), ((1, True),), stands_at=2),
    "second_of_pair_again": Repeat(PAIR, one(2, expected_version=1), ((2, True),), stands_at=2),
    "pair_plus_new_is_refused_when_conditional": Repeat(
        PAIR, some(1, 2, 3, expected_version=2), error=BatchRefused, stands_at=2
    ),
    "pair_plus_new_is_split_for_devices": Repeat(
        (some(1, 2),),
        some(1, 2, 3),
        ((1, True), (2, True), (3, False)),
        device=True,
        stands_at=3,
    ),
}


def batch_of(stream: str, repeat: Repeat, said: dict[str, Any]) -> Batch:
    facts = {name: value for name, value in said.items() if name != "numbers"}
    make = acts if repeat.device else reports
    return make(*said["numbers"], subject=stream, **facts)


@pytest.mark.parametrize("name", REPEATS)
async def test_a_repeat_is_answered_as_the_first_time(store: PostgresStore, name: str) -> None:
    repeat, journal = REPEATS[name], store.journal
    for said in repeat.before:
        await journal.append(batch_of(name, repeat, said))
    again = batch_of(name, repeat, repeat.then)
    if repeat.error is None:
        results = (await journal.append(again)).results
        assert tuple((result.version, result.duplicate) for result in results) == repeat.answered
    else:
        with pytest.raises(repeat.error):
            await journal.append(again)
    assert versions(await whole(journal, name)) == [*range(1, repeat.stands_at + 1)]


def test_every_repeat_of_the_peer_has_its_row() -> None:
    assert [case.name for case in cases_of("KurrentDB, repeats")] == [*REPEATS]


# --- appending -----------------------------------------------------------------------------------


async def test_new_stream_expected_zero(store: PostgresStore) -> None:
    appended = await store.journal.append(reports(1, subject="new", expected_version=0))
    assert appended.version == 1


async def test_exists_condition_on_missing_stream(store: PostgresStore) -> None:
    with pytest.raises(VersionConflict) as refused:
        await store.journal.append(reports(1, subject="missing", expected_version=1))
    assert refused.value.current_version == 0
    assert await whole(store.journal, "missing") == []


@pytest.mark.parametrize("condition", [{}, {"expected_version": 4}, {"expected_version": 0}])
def test_head_condition_on_erased_subject(condition: dict[str, Any]) -> None:
    with pytest.raises(SubjectErased):
        decide(reports(1, **condition), Known(version=4, erased=True))


async def test_conflict_names_current_version(store: PostgresStore) -> None:
    await store.journal.append(reports(1, 2, 3, subject="moved"))
    for expected in (0, 2, 4):
        with pytest.raises(VersionConflict) as refused:
            await store.journal.append(reports(9, subject="moved", expected_version=expected))
        assert refused.value.metadata == {
            "expected_version": str(expected),
            "current_version": "3",
        }


async def test_conditional_success_reports_versions(store: PostgresStore) -> None:
    await store.journal.append(reports(1, subject="known"))
    appended = await store.journal.append(reports(2, 3, subject="known", expected_version=1))
    assert [result.version for result in appended.results] == [2, 3]
    assert appended.version == 3
    positions = [result.position for result in appended.results]
    assert positions[1] == positions[0] + 1
