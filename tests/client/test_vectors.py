import json
from pathlib import Path
from typing import Any

import pytest

from tests.client.stage import play_vector
from tests.client.virtual import play

VECTORS = Path(__file__).parents[2] / "clients" / "vectors"
SYNC = sorted(path for path in VECTORS.glob("*.json") if not path.name.startswith("fold-"))


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_there_are_vectors_to_play() -> None:
    assert len(SYNC) > 50


@pytest.mark.parametrize("path", SYNC, ids=lambda path: path.stem)
def test_the_client_does_what_a_vector_says(path: Path, tmp_path: Path) -> None:
    play(lambda: play_vector(read(path), tmp_path / "phone.db"))
