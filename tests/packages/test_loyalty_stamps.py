"""examples/loyalty_stamps beside the service, as if it were installed: found by its entry point."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

import projections
from journey.v1.access_pb2 import ROLE_DEVELOPER, ROLE_OPERATOR, ROLE_SERVICE
from journey.v1.errors_pb2 import ERROR_REASON_TYPE_UNKNOWN
from journey.v1.events_pb2 import OUTCOME_ACCEPTED
from journey.v1.interactions_pb2 import Custom, Interaction
from journey.v1.journey_service_pb2 import ListJourneysRequest, RecordRequest, RecordResult
from journey.v1.projection_service_pb2 import (
    GetStateRequest,
    IndexMatch,
    ListProjectionsRequest,
    ListStatesRequest,
)
from journey.v1.references_pb2 import JourneyRef
from journey.v1.rules_pb2 import INTERACTION_CLASS_INTENT
from journey_service.bootstrap import Service, serve
from journey_service.domain.identity import Principal
from journey_service.domain.tokens import Checkpoint, Tokens
from journey_service.embedded import Secrets
from journey_service.settings import Settings
from journey_service.store.memory import MemoryStore
from projections.additions import GROUP
from tests.application.scene import uuid7

EXAMPLE = Path(__file__).parents[2] / "examples" / "loyalty_stamps"
CAFE = Principal(ROLE_SERVICE, "cafe", scopes=frozenset({"clock.trusted"}))


def install(target: Path, *, name: str, version: str, points: dict[str, str]) -> None:
    """What an installer leaves behind of a package, besides its modules."""
    told = target / f"{name.replace('-', '_')}-{version}.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = [f"[{GROUP}]", *(f"{key} = {value}" for key, value in points.items())]
    (told / "entry_points.txt").write_text("\n".join(lines))


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module of the example, which the service finds beside itself."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    points = project["entry-points"]["journey.projections"]
    install(tmp_path, name=project["name"], version=project["version"], points=points)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(EXAMPLE))
    yield import_module("loyalty_stamps")
    del sys.modules["loyalty_stamps"]


@asynccontextmanager
async def cafe() -> Any:
    """The service as it is started, on a store in memory."""
    settings = Settings(
        grpc_address="127.0.0.1:0", operations_address="", drain_notice_ms=0, drain_grace_ms=100
    )
    secrets = Secrets({1: b"m" * 32}, b"t" * 32, b"s" * 32, b"i" * 32, {})
    try:
        async with serve(MemoryStore(settings), settings, secrets) as service:
            yield service
    finally:
        projections.declare([])


async def record(
    service: Service, name: str, told: dict[str, Any], journey: JourneyRef | None = None
) -> RecordResult:
    """What becomes of one custom interaction that the café records."""
    now_ms = service.application.now_ms()
    body = Custom(name=name, interaction_class=INTERACTION_CLASS_INTENT, json=json.dumps(told))
    interaction = Interaction(event_id=uuid7(), wall_ms=now_ms, custom=body, journey=journey)
    request = RecordRequest(subject_id="mila", interactions=[interaction])
    answer = await service.application.record(CAFE, request, received_ms=now_ms, deadline=None)
    return answer.results[0]


async def card(service: Service) -> Any:
    asked = GetStateRequest(projection="loyalty_stamps", key="mila")
    answer = await service.application.get_state(CAFE, asked, deadline=None)
    return json.loads(answer.state.json)


@pytest.mark.usefixtures("example")
async def test_the_package_is_recorded_read_found_and_told_of() -> None:
    async with cafe() as service:
        for told in ({"stamps": 8}, {}, {"stamps": 4}):
            assert (await record(service, "stampcard.stamped", told)).outcome == OUTCOME_ACCEPTED
        assert await card(service) == {"stamps": 13, "free_coffees": 1}
        await record(service, "stampcard.redeemed", {})
        assert await card(service) == {"stamps": 3, "free_coffees": 0}

        # What the card's state contains must be stored, which the service does by itself.
        journal = service.store.journal
        stored = Checkpoint(epoch=journal.epoch, positions=await journal.heads())
        tokens = Tokens([service.secrets.signing_key], journal.journal_id)
        asked = ListStatesRequest(
            projection="loyalty_stamps",
            index=[IndexMatch(field="free_coffee", value="no")],
            at_least=tokens.seal_checkpoint(stored),
        )
        found = await service.application.list_states(CAFE, asked, deadline=None)
        assert [state.key for state in found.states] == ["mila"]

        operator = Principal(ROLE_OPERATOR, "root")
        listed = await service.application.list_projections(operator, ListProjectionsRequest())
        own = {each.name: each for each in listed.projections if each.own}
        assert own.keys() == {"loyalty_stamps"}
        assert list(own["loyalty_stamps"].index_fields) == ["free_coffee"]


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize(
    "wrong", ["many", None, True, False, 1.5, [8], {"of": 8}, 10**30, -(10**30)]
)
async def test_a_number_of_stamps_that_is_none_puts_nothing_on_the_card(wrong: Any) -> None:
    async with cafe() as service:
        for told in ({"stamps": wrong}, {"stamps": 4}):
            assert (await record(service, "stampcard.stamped", told)).outcome == OUTCOME_ACCEPTED
        assert await card(service) == {"stamps": 4, "free_coffees": 0}


@pytest.mark.usefixtures("example")
async def test_its_kind_of_journey_is_one_to_go_on_with() -> None:
    async with cafe() as service:
        ref = JourneyRef(kind="stamp_card", journey_id="today")
        assert (await record(service, "stampcard.stamped", {"chosen": True}, ref)).version == 1
        developer = Principal(ROLE_DEVELOPER, "dev")
        asked = ListJourneysRequest(subject_id="mila", kinds=["stamp_card"])
        listed = await service.application.list_journeys(developer, asked, deadline=None)
    assert [journey.ref for journey in listed.journeys] == [ref]


async def test_without_the_package_its_interactions_are_unknown() -> None:
    async with cafe() as service:
        refused = await record(service, "stampcard.stamped", {})
    assert refused.reason == ERROR_REASON_TYPE_UNKNOWN


async def test_its_fold_takes_events_in_any_order_and_twice(example: Any) -> None:
    store = MemoryStore()
    view = example.STAMPS
    async with cafe() as service:
        for name, told in (("stamped", {"stamps": 9}), ("stamped", {}), ("redeemed", {})):
            await record(service, f"stampcard.{name}", told)
        store = service.store
        events = await store.journal.read_stream("mila")
    seen = set()
    for order in permutations([*events, events[0]]):
        states: dict[str, Any] = {}
        for event in order:
            view.projection.fold_event(states, event)
        seen.add(states[""].SerializeToString(deterministic=True))
        halves: list[dict[str, Any]] = [{}, {}]
        for number, event in enumerate(order):
            view.projection.fold_event(halves[number % 2], event)
        merged = view.projection.merge(*(half[""] for half in halves))
        seen.add(merged.SerializeToString(deterministic=True))
    assert len(seen) == 1
    assert view.publish(view.projection.parse(seen.pop())) == {"stamps": 0, "free_coffees": 0}


def test_the_example_takes_less_than_sixty_lines() -> None:
    assert len((EXAMPLE / "loyalty_stamps.py").read_text().splitlines()) < 60
