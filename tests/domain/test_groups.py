import pytest

from journey.v1.groups_pb2 import (
    NACK_ACTION_PARK,
    NACK_ACTION_RETRY,
    NACK_ACTION_SKIP,
    NACK_ACTION_UNSPECIFIED,
    ON_PARK_CONTINUE,
    ON_PARK_HOLD,
    Group,
    Nack,
    ParkedFilter,
)
from journey_service.domain.group_sharing import Sharing, share
from journey_service.domain.groups import (
    Act,
    DeliveryName,
    Entry,
    Said,
    Standing,
    Terms,
    backoff_ms,
    delivery_name,
    parked_id,
    parked_places,
    passes,
)

TERMS = Terms(30_000, 10, 1_000, 600_000, hold=True)


@pytest.mark.parametrize(
    ("attempt", "jitter", "wait_ms"),
    [
        (1, 0.5, 1_000),
        (2, 0.5, 2_000),
        (3, 0.0, 3_200),
        (3, 1.0, 4_800),
        (11, 0.5, 600_000),
        (1_000, 0.5, 600_000),
        (0, 0.5, 1_000),
    ],
)
def test_the_back_off_doubles_with_every_attempt_up_to_its_cap(
    attempt: int, jitter: float, wait_ms: int
) -> None:
    assert backoff_ms(TERMS, attempt, jitter) == wait_ms


def test_the_terms_of_a_group_are_those_of_its_settings() -> None:
    group = Group(lease_ms=1, max_attempts=2, min_backoff_ms=3, max_backoff_ms=4)
    for on_park, hold in ((ON_PARK_HOLD, True), (ON_PARK_CONTINUE, False)):
        group.on_park = on_park
        assert Terms.of(group) == Terms(1, 2, 3, 4, hold=hold)


def test_a_delivery_id_says_what_it_was_made_of() -> None:
    name = DeliveryName("billing", 3, 7, 12, 2, 9, "a consumer/with ünusual.1 name")
    assert delivery_name(str(name)) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "billing/1.2.3/one",
        "billing/1.2.3.4.5/",
        "Billing/1.2.3.4.5/one",
        "billing/1.2.-3.4.5/one",
        "billing/1.2.٣.4.5/one",
        "billing/1.2.3.4444444444.5/one",
        f"billing/1.2.3.4.5/{'x' * 129}",
    ],
)
def test_what_is_no_delivery_id_names_nothing(text: str) -> None:
    assert delivery_name(text) is None


def test_a_nack_whose_action_is_not_known_is_a_retry_and_a_skip_settles() -> None:
    said = {
        action: Said.of(Nack(action=action, reason="why", delay_ms=5))
        for action in (
            NACK_ACTION_UNSPECIFIED,
            NACK_ACTION_RETRY,
            NACK_ACTION_PARK,
            NACK_ACTION_SKIP,
        )
    }
    assert said[NACK_ACTION_UNSPECIFIED] == said[NACK_ACTION_RETRY]
    assert said[NACK_ACTION_RETRY] == Said(Act.RETRY, "why", 5)
    assert said[NACK_ACTION_PARK] == Said(Act.PARK, "why")
    assert said[NACK_ACTION_SKIP] == Said(Act.ACK)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (ParkedFilter(), True),
        (ParkedFilter(types=["cart.line_added", "media.paused"]), True),
        (ParkedFilter(types=["media.*"]), True),
        (ParkedFilter(types=["media"]), False),
        (ParkedFilter(types=["cart.*"]), False),
        (ParkedFilter(subject_id="mila"), True),
        (ParkedFilter(subject_id="noah"), False),
        (ParkedFilter(reason_contains="no stock"), True),
        (ParkedFilter(reason_contains="timeout"), False),
        (ParkedFilter(parked_from_ms=100), True),
        (ParkedFilter(parked_from_ms=101), False),
        (ParkedFilter(parked_to_ms=101), True),
        (ParkedFilter(parked_to_ms=100), False),
    ],
)
def test_parked_events_are_found_by_what_matches_in_all_parts(
    wanted: ParkedFilter, found: bool
) -> None:
    entry = Entry(
        5, "mila", Standing.PARKED, due_ms=100, topic="media.paused", reason="there is no stock"
    )
    assert passes(wanted, entry) is found


def test_ids_of_parked_events_name_their_places() -> None:
    assert parked_places([parked_id(3, 12), "nonsense", "3.x", "3.12", "4.1"]) == {(3, 12), (4, 1)}


# --- sharing --------------------------------------------------------------------------------------


def shared(owners: dict[int, str], sharing: Sharing) -> dict[int, str]:
    return owners | dict(sharing.moves)


def counts(owners: dict[int, str]) -> list[int]:
    return sorted([*owners.values()].count(name) for name in {*owners.values()})


def test_the_first_consumer_gets_all_partitions() -> None:
    free = dict.fromkeys(range(5), "")
    assert share(free, (), ["one"]) == Sharing(dict.fromkeys(range(5), "one"))


def test_nothing_moves_where_the_parts_are_even() -> None:
    owners = {0: "one", 1: "two", 2: "one", 3: "two", 4: "two"}
    assert share(owners, {1}, ["two", "one"]) == Sharing({})


@pytest.mark.parametrize("consumers", [1, 2, 3, 7, 8, 9])
def test_parts_differ_by_one_at_most(consumers: int) -> None:
    owners = dict.fromkeys(range(8), "c0")
    names = [f"c{number}" for number in range(consumers)]
    after = shared(owners, share(owners, (), names))
    found = counts(after)
    assert found[-1] - found[0] <= 1
    assert len(found) == min(consumers, 8)


def test_as_few_as_possible_move_when_one_joins() -> None:
    owners = {each: "one" if each < 4 else "two" for each in range(8)}
    sharing = share(owners, (), ["one", "two", "three"])
    assert len(sharing.moves) == 2
    assert {*sharing.moves.values()} == {"three"}


def test_what_is_in_flight_leaves_later() -> None:
    owners = dict.fromkeys(range(4), "one")
    sharing = share(owners, {2}, ["one", "two"])
    assert sharing == Sharing({3: "two"}, frozenset({2}))
    assert share(shared(owners, sharing), (), ["one", "two"]) == Sharing({2: "two"})


def test_what_a_dead_consumer_had_in_flight_moves_at_once() -> None:
    owners = dict.fromkeys(range(3), "dead")
    assert share(owners, {0, 1, 2}, ["one"]) == Sharing(dict.fromkeys(range(3), "one"))


def test_without_consumers_nobody_has_anything() -> None:
    assert share({0: "dead", 1: ""}, {0}, []) == Sharing({0: ""})
