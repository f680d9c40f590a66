import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

import projections
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.journeys_pb2 import Journey
from tests.client.stage import difference, play_vector
from tests.client.virtual import play

VECTORS = Path(__file__).parents[2] / "clients" / "vectors"
FOLDS = sorted(VECTORS.glob("fold-*.json"))
SYNC = sorted(path for path in VECTORS.glob("*.json") if not path.name.startswith("fold-"))


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_there_are_vectors_to_play() -> None:
    assert len(SYNC) > 50


@pytest.mark.parametrize("path", SYNC, ids=lambda path: path.stem)
def test_the_client_does_what_a_vector_says(path: Path, tmp_path: Path) -> None:
    play(lambda: play_vector(read(path), tmp_path / "phone.db"))


def folded(events: list[Event]) -> dict[str, Journey]:
    states: dict[str, JourneyFold] = {}
    for event in events:
        projections.fold_event(states, event)
    return {key: projections.publish(state) for key, state in states.items()}


@pytest.mark.parametrize("path", FOLDS, ids=lambda path: path.stem)
def test_the_folds_give_what_a_vector_says_in_whatever_order_and_however_often(path: Path) -> None:
    vector = read(path)
    events = [ParseDict(event, Event()) for event in vector["events"]]
    found = folded(events)
    assert folded(events[::-1]) == folded(events + events) == found
    shown = {key: MessageToDict(journey) for key, journey in found.items()}
    assert difference(vector["expect"], shown, "journeys") == ""
    listed = vector.get("continue_list")
    if listed is not None:
        assert projections.continue_list(found, listed["at_ms"]) == listed["keys"]


def test_every_kind_that_has_a_fold_has_a_vector() -> None:
    named = {key.split("/")[0] for path in FOLDS for key in read(path)["expect"]}
    assert named == set(projections.KINDS)
