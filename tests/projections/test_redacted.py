"""Of an erased event only its place is left: no projection stops at it or keeps anything of it."""

from typing import Any

import pytest

import projections
from journey.v1.events_pb2 import Event
from journey_service.domain.catalogue import TYPES_BY_NAME
from projections.portions import plan
from projections.view import Catalogue, StoredView

VIEWS = Catalogue(projections.VIEWS).stored()
# One of every type, as every store gives them.
REDACTED = [
    Event(
        subject_id="mila",
        version=version,
        partition=3,
        position=version,
        type=name,
        recorded_at_ms=1_790_000_000_000 + version,
        redacted=True,
    )
    for version, name in enumerate(sorted(TYPES_BY_NAME), 1)
]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_nothing_is_made_of_what_was_erased(view: StoredView[Any]) -> None:
    states: dict[str, Any] = {}
    for event in REDACTED:
        assert not view.projection.keys_of(event)
        assert not view.projection.fold_event(states, event)
    assert states == {}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_nor_of_a_page_of_it(view: StoredView[Any]) -> None:
    assert await plan(view.projection, REDACTED) == []
