"""G8: at most one restart per stream, always followed by the snapshot on the same stream."""

from __future__ import annotations

import pytest

import projections
from journey.v1.stream_pb2 import (
    GOING_AWAY_REASON_RESTART,
    RESET_REASON_PROJECTION_REBUILT,
    RESET_REASON_TOKEN_TOO_OLD,
)
from journey_service.domain.batch import Stamp
from journey_service.domain.tokens import StateToken, Tokens, hashed, subject_hash
from journey_service.store.postgres.store import PostgresStore
from tests.guarantees.conftest import Join, Pair
from tests.guarantees.devices import Device, added

RECONNECTS = 100
DAY_MS = 86_400_000


async def test_g8_a_token_that_cannot_be_used_costs_one_snapshot_on_the_same_stream(
    pair: Pair, join: Join
) -> None:
    phone = await join().open_session()
    await phone.record(added())
    phone.copy.token = _token(pair, phone, age_ms=8 * DAY_MS)
    watch = phone.watch()
    opened = await watch.next()
    assert (opened.opened.resumed, opened.opened.why_not) == (False, RESET_REASON_TOKEN_TOO_OLD)
    await watch.caught_up()
    assert phone.copy.contents == ["opened", "snapshot", "caught_up"]
    assert phone.copy.cart() == {"tea": 1}


async def test_g8_a_second_restart_ends_the_stream_and_the_next_begins_anew(
    pair: Pair, join: Join, stores: tuple[PostgresStore, PostgresStore]
) -> None:
    phone = await join().open_session()
    await phone.record(added())
    phone.copy.token = _token(pair, phone, age_ms=8 * DAY_MS)
    watch = phone.watch()
    await watch.caught_up()
    await _another_fold(stores, 1)
    await phone.record(added())
    away = await watch.next()
    assert away.going_away.reason == GOING_AWAY_REASON_RESTART
    with pytest.raises(EOFError):
        await watch.next()
    watch = phone.watch()
    await watch.caught_up()
    assert phone.copy.contents[-4:] == ["opened", "reset", "snapshot", "caught_up"]
    assert phone.copy.cart() == {"tea": 2}


async def test_g8_a_rebuild_while_connected_is_one_reset_with_its_snapshot(
    join: Join, stores: tuple[PostgresStore, PostgresStore]
) -> None:
    phone = await join().open_session()
    watch = phone.watch()
    await watch.caught_up()
    await _another_fold(stores, 1)
    await phone.record(added())
    assert (await watch.next()).reset.reason == RESET_REASON_PROJECTION_REBUILT
    assert (await watch.next()).HasField("snapshot")
    await phone.record(added())
    await watch.until(lambda _: watch.copy.cart() == {"tea": 2})
    assert phone.copy.restarts == 1


async def test_g8_a_hundred_reconnects_make_no_loop(
    pair: Pair, join: Join, stores: tuple[PostgresStore, PostgresStore]
) -> None:
    phone = await join().open_session()
    phone.copy.token = _token(pair, phone, version=10_000)
    for number in range(RECONNECTS):
        if number == RECONNECTS // 2:
            await _another_fold(stores, 1)
        watch = phone.watch()
        await watch.caught_up()
        if number == 0:
            assert phone.copy.contents[-4:] == ["opened", "reset", "snapshot", "caught_up"]
        elif number != RECONNECTS // 2:
            assert phone.copy.contents[-3:] == ["opened", "delta", "caught_up"]
        watch.close()
    assert phone.copy.restarts == 2, "one for the token, one for the rebuild"


async def _another_fold(stores: tuple[PostgresStore, PostgresStore], later: int) -> None:
    name, version = projections.JOURNEYS.name, projections.JOURNEYS.version
    for store in stores:
        await store.states.register(name, version + later)


def _token(pair: Pair, device: Device, *, version: int = 1, age_ms: int = 0) -> str:
    """A resume token of another time."""
    context = pair[0].application._context
    return Tokens([b"t" * 32], context.journal.journal_id).seal_state(
        StateToken(
            epoch=context.journal.epoch,
            session_subject=subject_hash(device.subject_id),
            versions=hashed({device.subject_id: version}),
            floor=Stamp(0, 0),
            issued_ms=context.clock.now_ms() - age_ms,
            generation=1,
        )
    )
