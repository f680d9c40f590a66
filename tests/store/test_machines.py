"""Rules on real PostgreSQL: who pays for them, and what damage does."""

import asyncio
from collections.abc import AsyncIterator

import pytest

import projections
from journey.v1 import errors_pb2 as reasons
from journey_service.domain.errors import EventUnreadable
from journey_service.store.postgres import PostgresStore
from tests.contract.acts import SUBJECT, acts
from tests.contract.shop import (
    CART,
    CHECKOUT,
    CONFLICT,
    ORDER,
    REWARDS,
    accepted,
    added,
    cart,
    entered,
    granted,
    placed,
    record,
    redeemed,
    reserved,
    stored,
    submitted,
    tell,
    told,
)
from tests.postgres import RoleDsn
from tests.store.databases import carry_out
from tests.store.opening import open_store
from tests.store.test_two_stores import Paths

SPOIL = "state = set_byte(state, 40, get_byte(state, 40) # 1)"


@pytest.fixture
def paths() -> Paths:
    return Paths()


@pytest.fixture
async def store(database_as: RoleDsn, paths: Paths) -> AsyncIterator[PostgresStore]:
    async with open_store(database_as, observer=paths) as opened:
        yield opened


async def test_only_interactions_that_a_rule_concerns_leave_the_fast_way(
    store: PostgresStore, paths: Paths
) -> None:
    await store.journal.append(acts(1))
    await accepted(store, CART, added(book=1), entered(note="ring twice"))
    assert paths.taken == ["fast"] * 3
    await accepted(store, CHECKOUT, entered(city="Ulm"))
    await accepted(store, ORDER, placed(book=1))
    assert paths.taken[3:] == ["careful"] * 2
    await accepted(store, CART, added(pen=1))
    assert paths.taken[5:] == ["fast"]


async def test_two_stores_decide_on_the_same_state(
    store: PostgresStore, database_as: RoleDsn
) -> None:
    await accepted(store, ORDER, placed(book=2))
    async with open_store(database_as) as other:
        await accepted(other, ORDER, reserved(book=1))
        await accepted(store, ORDER, reserved(book=1))
        assert (await tell(other, ORDER, reserved(book=1))).reason == CONFLICT


async def test_states_that_another_fold_made_are_not_decided_on(store: PostgresStore) -> None:
    name, version = projections.JOURNEYS.name, projections.JOURNEYS.version
    await accepted(store, ORDER, placed(book=1))
    await stored(store)
    await store.states.register(name, version + 1)
    await accepted(store, ORDER, reserved(book=1))
    assert (await tell(store, ORDER, reserved(book=1))).reason == CONFLICT


async def test_a_damaged_event_refuses_those_alone_who_ask_for_its_journey(
    store: PostgresStore, database_as: RoleDsn
) -> None:
    await accepted(store, ORDER, placed(book=1))
    await carry_out(database_as, f"UPDATE events SET {SPOIL} WHERE originator_id = $1", SUBJECT)
    with pytest.raises(EventUnreadable):
        await record(store, told(ORDER, reserved(book=1)))
    await store.journal.append(acts(1))


async def test_a_damaged_state_is_named_and_nothing_is_decided_on_it(
    store: PostgresStore, database_as: RoleDsn
) -> None:
    await accepted(store, ORDER, placed(book=1))
    await stored(store)
    await carry_out(database_as, f"UPDATE states SET {SPOIL} WHERE subject_id = $1", SUBJECT)
    with pytest.raises(EventUnreadable) as caught:
        await record(store, told(ORDER, reserved(book=1)))
    assert caught.value.metadata == {"subject_id": SUBJECT, "key": ORDER}


async def test_a_submit_reads_the_cart_behind_a_projector_that_stands_still(
    store: PostgresStore,
) -> None:
    await accepted(store, CART, added(book=1))
    await stored(store)
    for _ in range(20):
        await accepted(store, CART, added(book=1))
    shown = (await cart(store)).digest
    assert (await tell(store, CHECKOUT, submitted("0" * 16))).reason == (
        reasons.ERROR_REASON_CART_CHANGED
    )
    await accepted(store, CHECKOUT, submitted(shown))


async def test_of_fifty_redeems_over_two_stores_exactly_one_is_taken(
    store: PostgresStore, database_as: RoleDsn
) -> None:
    await accepted(store, REWARDS, granted())
    async with open_store(database_as) as other:
        answers = await asyncio.gather(
            *(tell((store, other)[n % 2], REWARDS, redeemed(f"o{n}")) for n in range(50))
        )
    found = sorted(answer.reason for answer in answers)
    assert found == [0] + [reasons.ERROR_REASON_OFFER_SPENT] * 49
