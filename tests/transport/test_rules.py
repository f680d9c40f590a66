"""Refusals by the rule of a journey, each through real gRPC: what is told, and that nothing else
changed."""

from pathlib import Path

import pytest
from google.rpc.code_pb2 import Code

from docs.reasons import SERVED
from journey.v1.errors_pb2 import ErrorReason
from journey.v1.events_pb2 import OUTCOME_REJECTED, Event
from journey_service.settings import Settings
from journey_service.transport.errors import MEANINGS
from tests.transport.faulty import FaultyStore
from tests.transport.rows_of_rules import CASES, Case, refused, shown, tell
from tests.transport.serving import TEST_SETTINGS, serving
from tests.transport.world import World

REFERENCE = (Path(__file__).parents[2] / "docs/reference/errors.md").read_text()


async def stream(world: World) -> list[Event]:
    events: list[Event] = await world.store.journal.read_stream("alice")
    return events


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.reason}-{case.name}")
async def test_a_refusal_says_why_shows_the_journey_and_changes_nothing_else(case: Case) -> None:
    store = FaultyStore(Settings(**TEST_SETTINGS))
    async with serving(store) as served:
        world = World(served, store)
        result = await refused(world, case)
        assert ErrorReason.Name(result.reason) == f"ERROR_REASON_{case.reason}"
        assert (result.outcome, result.duplicate) == (OUTCOME_REJECTED, False)
        events = await stream(world)
        assert len(events) == len(case.before) + 1
        if result.current.ref in [interaction.journey for interaction in case.before]:
            as_it_is = await shown(world, result.current.ref)
            assert (result.current.rev, result.current.finished) == (
                as_it_is.rev,
                as_it_is.finished,
            )
            assert result.current.checksum == as_it_is.checksum
        (again,) = await tell(world, case.wrong)
        assert (again.reason, again.outcome, again.version) == (
            result.reason,
            OUTCOME_REJECTED,
            result.version,
        )
        assert again.duplicate
        assert again.current == result.current
        assert len(await stream(world)) == len(events)


@pytest.mark.parametrize("reason", sorted({case.reason for case in CASES}))
def test_each_reason_has_its_text_and_its_row_in_the_reference(reason: str) -> None:
    number = ErrorReason.Value(f"ERROR_REASON_{reason}")
    assert reason in SERVED
    (row,) = (text for text in REFERENCE.splitlines() if text.startswith(f"| `{reason}` |"))
    assert Code.Name(MEANINGS[number].code) in row
    text = row.split("|")[3].strip()
    assert len(text) > 10
